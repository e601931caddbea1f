"""Operations: what a service can be asked, as data. Routes are made of them, and so is the OpenAPI document."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from starlette.responses import Response

from chassis.errors import NotFound, RequestError

Endpoint = Callable[..., Awaitable[Response]]
ErrorResponder = Callable[[RequestError], Response]


class RequestHeader(msgspec.Struct, frozen=True, kw_only=True):
    """A header that an operation reads, for the document."""

    description: str
    pattern: str | None = None
    required: bool = False


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method on one path.

    `endpoint` is called with the request and, for each of `path_type`, `query_type` and `body_type` that is
    given, the decoded struct as `path`, `query` and `body`. What a query may leave out is UNSET in it, never None:
    msgspec would read the text `null` as None.
    """

    method: str
    path: str
    endpoint: Endpoint
    summary: str
    path_type: type[msgspec.Struct] | None = None
    query_type: type[msgspec.Struct] | None = None
    body_type: Any = None
    returns: Any = None
    """Type of the answer's JSON, for the document; None for an empty or other body."""
    media_type: str = "application/json"
    status: int = 200
    errors: Sequence[int] = ()
    """Status codes of its problems beyond those every operation can answer."""
    headers: Mapping[str, RequestHeader] = {}
    """Request headers it reads, by name."""
    bad_path: type[RequestError] = NotFound
    """What a path parameter that cannot be one is."""
    on_error: ErrorResponder | None = None
    """For a contract older than problem+json: answers its errors in its own way."""
