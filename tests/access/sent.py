"""The request of each operation that does what the operation is for, made from the declaration of the operation."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import httpx
from tests.access.callers import Caller
from tests.access.lab import FEED, INACTIVE, ROW, Lab
from tests.support.html_page import HtmlPage

from chassis.web.operations import Operation

PARAMETER = re.compile(r"{(\w+)}")

PLURALS: Mapping[str, str] = {"people": "users"}
"""The name of a kind in the API, if its pages have another."""


class Sent(NamedTuple):
    """A request, without the headers of its caller."""

    method: str
    url: str
    body: Mapping[str, Any]
    """Arguments of httpx for the body."""
    headers: list[tuple[str, str]]


def request_of(lab: Lab, service: str, operation: Operation) -> Sent:
    """The request of an operation. It succeeds if its caller may send it."""
    path = PARAMETER.sub(lambda found: _parameter(lab, service, operation, found[1]), operation.path)
    headers = [("If-Match", "*")] if operation.method in ("PATCH", "DELETE") else []
    body: Mapping[str, Any] = {}
    if operation.body_type is not None:
        example = _example(lab, service, operation.method, operation.path)
        repeated = {"id", "event_id", f"{path.split('/')[1]}_id"} if path != operation.path else ()
        body = {"json": {name: value for name, value in example.items() if name not in repeated}}
    elif operation.path == "/sign-in/token":
        body = {"data": {"token": lab.token}}
    elif operation.method == "POST" and operation.media_type == "text/html":
        body = {"data": _form(lab, service, path)}
    return Sent(operation.method, lab.url(service) + path, body, headers)


def send(lab: Lab, request: Sent, caller: Caller) -> httpx.Response:
    """Send a request as a caller, without following redirects."""
    headers = [*request.headers, *caller.headers]
    return lab.client.request(request.method, request.url, headers=headers, **request.body)


def _parameter(lab: Lab, service: str, operation: Operation, name: str) -> str:
    values: Mapping[str, Callable[[], object]] = {
        "id": lambda: _id(lab, operation.path),
        "event_id": lambda: lab.event,
        "offset": lambda: 0,
        "limit": lambda: 10,
        "feed": lambda: FEED,
        "hash": lambda: _asset(lab, service)[0],
        "name": lambda: _asset(lab, service)[1] if "static" in operation.path else "events",
    }
    return str(values[name]())


def _id(lab: Lab, path: str) -> object:
    if "/events" in path:
        return lab.event
    if "/notifications" in path:
        return lab.notification
    return INACTIVE if path.endswith("/activate") else ROW


def _asset(lab: Lab, service: str) -> tuple[str, ...]:
    """Hash and name of a static file that a page uses."""
    found = re.search(r"/ui/static/(\w+)/([\w.]+)", lab.ask(service, "GET", "/docs").text)
    assert found is not None
    return found.groups()


def _example(lab: Lab, service: str, method: str, path: str) -> Any:
    """The example of a body in the OpenAPI document."""
    operation = lab.ask(service, "GET", "/openapi.json").json()["paths"][path][method.lower()]
    return operation["requestBody"]["content"]["application/json"]["example"]


def _form(lab: Lab, service: str, path: str) -> Mapping[str, str]:
    """The form of a page, filled in; nearly empty for a button."""
    page = lab.client.get(lab.url(service) + path, headers=lab.admin)
    if page.status_code == httpx.codes.METHOD_NOT_ALLOWED:
        return {"pressed": "on"}
    fields = HtmlPage(page.text).fields
    if path.endswith(("/new", "/edit")):
        kind = path.split("/")[2]
        example = _example(lab, service, "POST", f"/v1/{PLURALS.get(kind, kind)}")
        typed = {name: "on" if value is True else str(value) for name, value in example.items() if value}
        fields |= {name: value for name, value in typed.items() if name in fields}
    if "person" in fields:
        fields["person"] = str(ROW)
    return fields
