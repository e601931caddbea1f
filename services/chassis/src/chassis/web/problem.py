"""Errors as problem+json (RFC 9457), and the status code of each error."""

import http
import re
from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from structlog.contextvars import bind_contextvars

from chassis import errors
from chassis.access.access import Access
from chassis.access.caller import ANONYMOUS, CALLER
from chassis.errors import FieldError
from chassis.pages import error_page, sign_in

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[type[errors.RequestError], int] = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.PreconditionFailed: 412,
    errors.UnsupportedMediaType: 415,
    errors.Invalid: 422,
    errors.PreconditionRequired: 428,
    errors.BadUpstream: 502,
    errors.Unavailable: 503,
}

HINTS: Mapping[int, str] = {
    404: "This path does not exist. {prefix}/openapi.json and {prefix}/docs list all paths.",
    405: "This path does not accept this method. The Allow header lists those that it accepts.",
}

PAGE_HINTS: Mapping[int, str] = {
    404: "Check the address, or start from one of the links above.",
    405: "This address does not accept this kind of request. Open it from a link, and not by sending a form.",
}


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of an error: of all errors under /v1, and of most others."""

    title: Annotated[str, Meta(description="Name of the status code", examples=["Unprocessable Entity"])]
    status: Annotated[int, Meta(description="Status code of the response", examples=[422])]
    detail: Annotated[
        str,
        Meta(
            description="What is wrong, and what to do",
            examples=["The body cannot be used: The field 'name' is missing, at /name."],
        ),
    ]
    errors: Annotated[
        Sequence[FieldError],
        Meta(
            description="The places in the request that are wrong; absent if the error is about no single place"
        ),
    ] = ()


def respond(
    status: int,
    detail: str,
    field_errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A response with a problem."""
    body = Problem(http.HTTPStatus(status).phrase, status, detail, field_errors)
    return Response(msgspec.json.encode(body), status, headers, MEDIA_TYPE)


def status_of(error: errors.RequestError) -> int:
    """The status code of an error, by its class or the nearest ancestor in `STATUS`."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


async def for_request_error(request: Request, error: Exception) -> Response:
    """Starlette's handler for `RequestError`: a page for browsers, otherwise a problem."""
    assert isinstance(error, errors.RequestError)  # noqa: S101  Starlette's signature is wider than its calls
    headers = _headers(error)
    if isinstance(error, errors.Unauthenticated):
        if error.error:  # the log line of the request says why its credentials were refused
            bind_contextvars(refused=error.detail)
        elif sign_in.is_navigation(request):
            return sign_in.redirect(request)
    if error_page.wants_page(request.scope):
        if isinstance(error, errors.Unauthenticated):
            request.scope.setdefault(CALLER, ANONYMOUS)
            return await sign_in.refuse(request, error.detail, headers)
        await _identify(request)
        return error_page.respond(request, status_of(error), error.detail, error.errors, headers)
    return respond(status_of(error), error.detail, error.errors, headers)


async def _identify(request: Request) -> None:
    """Find out who calls, so that the page of an error shows it like every other page."""
    if CALLER not in request.scope:
        access: Access = request.app.state.access
        await access.identify_or_anonymous(request)


def _headers(error: errors.RequestError) -> Mapping[str, str] | None:
    if isinstance(error, errors.Unavailable):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, errors.Unauthenticated):
        return {"WWW-Authenticate": _challenge(error)}
    return None


def _challenge(error: errors.Unauthenticated) -> str:
    """The value of WWW-Authenticate (RFC 6750, section 3). Without credentials, it names no error."""
    if not error.error:
        return "Bearer"
    description = NOT_IN_DESCRIPTION.sub("'", error.detail)[:LONGEST_DESCRIPTION]
    return f'Bearer error="{error.error}", error_description="{description}"'


NOT_IN_DESCRIPTION = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e]")
"""Characters that an error description may not have: all but printable ASCII, quotes and backslashes."""

LONGEST_DESCRIPTION = 300


async def for_http_exception(request: Request, error: Exception) -> Response:
    """Starlette's handler for its own `HTTPException`: unknown path, wrong method, body too large."""
    assert isinstance(error, HTTPException)  # noqa: S101  Starlette's signature is wider than its calls
    detail = HINTS.get(error.status_code, error.detail).format(prefix=request.scope.get("root_path", ""))
    headers = dict(error.headers or {})
    if "Allow" in headers:
        headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))
    if error_page.wants_page(request.scope):
        hint = PAGE_HINTS.get(error.status_code, detail)
        await _identify(request)
        return error_page.respond(request, error.status_code, hint, headers=headers)
    return respond(error.status_code, detail, headers=headers)
