"""Follows the links of the pages of a service, as a person could, and collects the forms."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, urljoin, urlsplit

from starlette.testclient import TestClient
from tests.support.html_page import HtmlPage

from chassis.web.operations import Operation


class Found(NamedTuple):
    """What was found from some pages on."""

    statuses: dict[str, int]
    """Status of the response, by address."""
    forms: dict[str, dict[str, str]]
    """The fields of each form that is sent by POST, as it is shown, by its address."""

    def operations(self, operations: Sequence[Operation], root: str) -> set[str]:
        """The operations that links and forms lead to, such as `GET /ui/sites/{id}`."""
        called = [("GET", address) for address in self.statuses]
        called += [("POST", address) for address in self.forms]
        return {operation_of(operations, method, path_of(address, root)) for method, address in called}


class _Page(HtmlPage):
    """A page with the addresses of its forms and of its parts that stay up to date."""

    def __init__(self, html: str) -> None:
        self.actions: list[str] = []
        super().__init__(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and values.get("method") == "post":
            self.actions.append(values.get("action", ""))
        if "data-live" in values:
            self.links.append(values["data-live"])
        super().handle_starttag(tag, attrs)


def crawl(client: TestClient, starts: Sequence[str], root: str, headers: Mapping[str, str]) -> Found:
    """Open pages, and the pages of the service that they lead to.

    Links that differ only in the values of their parameters are followed once.

    Args:
        client: the service.
        starts: addresses of the first pages.
        root: the beginning of all addresses of the service, such as `/inventory`.
        headers: headers of each request.
    """
    found = Found({}, {})
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = list(starts)
    while waiting:
        address = waiting.pop()
        parts = urlsplit(address)
        key = (parts.path, frozenset(name for name, _ in parse_qsl(parts.query)))
        if parts.netloc or key in seen or not parts.path.startswith(f"{root}/ui/"):
            continue
        seen.add(key)
        response = client.get(address, headers=dict(headers), follow_redirects=False)
        found.statuses[address] = response.status_code
        if response.headers.get("content-type", "").startswith("text/html"):
            page = _Page(response.text)
            found.forms.update({urljoin(address, action): dict(page.fields) for action in page.actions})
            waiting += [urljoin(address, link) for link in page.links]
    return found


def operation_of(operations: Sequence[Operation], method: str, path: str) -> str:
    """The operation that a request calls: the one whose path has the fewest parameters."""
    matching = [
        operation.path
        for operation in operations
        if operation.method == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", operation.path), path)
    ]
    assert matching, f"{method} {path} leads nowhere"
    return f"{method} {min(matching, key=lambda pattern: pattern.count('{'))}"


def path_of(address: str, root: str) -> str:
    """The path of an address, without the prefix of the service."""
    return urlsplit(address).path.removeprefix(root)
