"""Operations of a service, declared as data. Its routes and its OpenAPI document are made from them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from starlette.responses import Response

from chassis.access.permissions import Need, Permission
from chassis.errors import NotFound, RequestError

Endpoint = Callable[..., Awaitable[Response]]
ErrorResponder = Callable[[RequestError], Response]


class RequestHeader(msgspec.Struct, frozen=True, kw_only=True):
    """A request header that an operation reads, for the OpenAPI document."""

    description: str
    pattern: str | None = None
    required: bool = False
    example: str | None = None
    """Value in the examples of the document; a required header needs one."""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method on one path.

    `endpoint` is called with the request. If `path_type`, `query_type` or `body_type` is given, it also receives the
    decoded value as `path`, `query` or `body`. An optional query parameter must have the default UNSET and not None,
    because msgspec converts the text `null` to None.
    """

    method: str
    path: str
    endpoint: Endpoint
    summary: str
    """What it does, in a few words: the contents of `/docs` list it."""
    needs: Need
    """What the caller needs: a permission, only to be signed in (`identity`), or nothing."""
    description: str = ""
    """Sentences for the OpenAPI document that say more than the summary."""
    path_type: type[msgspec.Struct] | None = None
    query_type: type[msgspec.Struct] | None = None
    body_type: Any = None
    returns: Any = None
    """Type of the response's JSON, for the OpenAPI document; None if the response has no JSON."""
    media_type: str = "application/json"
    status: int = 200
    errors: Sequence[int] = ()
    """Status codes of its errors, for the OpenAPI document."""
    headers: Mapping[str, RequestHeader] = {}
    """Request headers that the endpoint reads, by name, for the OpenAPI document."""
    bad_path: type[RequestError] = NotFound
    """The error, and so the status code, if a path parameter is invalid."""
    on_error: ErrorResponder | None = None
    """Makes the responses to errors, for the original paths; problem+json if it is None."""
    shows: Sequence[Permission] = ()
    """Permissions that a page asks for with `may(...)`, to offer only what the caller may do."""
    documented: bool = True
    """Whether the OpenAPI document lists it; it does not list pages and their parts."""


def page(
    path: str,
    endpoint: Endpoint,
    summary: str,
    needs: Need,
    *,
    shows: Sequence[Permission] = (),
    method: str = "GET",
    path_type: type[msgspec.Struct] | None = None,
) -> Operation:
    """The operation of a page for people, or of a form on it (method POST).

    Its endpoint reads the query with `chassis.pages.queries.page_query`, a form with `chassis.pages.forms.read_form`.
    """
    return Operation(
        method=method,
        path=path,
        endpoint=endpoint,
        summary=summary,
        needs=needs,
        shows=shows,
        path_type=path_type,
        media_type="text/html",
        documented=False,
    )
