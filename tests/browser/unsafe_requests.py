"""The requests that change something: every unsafe operation of every service, and every form of every page."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
from tests.browser.benchtop import Benchtop
from tests.browser.links import Form, Links
from tests.browser.pages import PAGES
from tests.inventory.kinds import KINDS

SERVICES = ("status", "inventory", "balances")
UNSAFE = ("post", "put", "patch", "delete")


class UnsafeRequest(NamedTuple):
    """A request that would change something if it were accepted."""

    method: str
    path: str
    body: Mapping[str, Any]

    def __str__(self) -> str:
        """The request in messages."""
        return f"{self.method} {self.path}"


def unsafe_requests(benchtop: Benchtop) -> list[UnsafeRequest]:
    """Every one of them, for rows that exist."""
    return [*_operations(benchtop), *_forms(benchtop)]


def everything(benchtop: Benchtop) -> dict[str, Any]:
    """What every list of every API has, to compare before and after."""
    found = {}
    for service in SERVICES:
        for path, methods in _paths(benchtop, service):
            if "get" in methods and "{" not in path and not re.search("/(health|ready|metadata|ping)", path):
                response = httpx.get(f"{benchtop.url}/{service}{path}", timeout=30)
                found[f"/{service}{path}"] = response.text
    return found


def _operations(benchtop: Benchtop) -> Iterator[UnsafeRequest]:
    rows = {plural: _first(benchtop, plural) for plural in ("events", "notifications")}
    for service in SERVICES:
        for path, methods in _paths(benchtop, service):
            plural = next((name for name in rows if f"/{name}/" in path), "")
            filled = re.sub(r"\{\w+\}", rows[plural] if plural else "1", path)
            for method in UNSAFE:
                if method in methods:
                    yield UnsafeRequest(method.upper(), f"/{service}{filled}", _body(path, method))


def _forms(benchtop: Benchtop) -> Iterator[UnsafeRequest]:
    for path in sorted({urlsplit(form.action).path for form in _all_forms(benchtop)}):
        yield UnsafeRequest("POST", path, _body(path, "post"))


def _all_forms(benchtop: Benchtop) -> Iterator[Form]:
    for page in PAGES:
        response = benchtop.html(page.path_in(benchtop))
        yield from Links(str(response.url), response.text).forms


def _body(path: str, method: str) -> Mapping[str, Any]:
    """A body that the operation accepts if it has the right type."""
    if "/events" in path:
        return {"user_id": "mallory", "description": "Sent by another site"}
    for kind in KINDS:
        if f"/{kind.name}/" in path or f"/{kind.plural}" in path:
            return kind.change if method == "patch" else kind.body
    return {"name": "mallory"}


def _first(benchtop: Benchtop, plural: str) -> str:
    return str(benchtop.get(f"/inventory/v1/{plural}")["items"][0]["id"])


def _paths(benchtop: Benchtop, service: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    paths = benchtop.get(f"/{service}/openapi.json")["paths"]
    yield from paths.items()
