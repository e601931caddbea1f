"""Errors as pages, for browsers."""

import http
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from chassis.errors import FieldError
from chassis.pages.rendering import Pages

TITLES: Mapping[int, str] = {
    400: "This address cannot be used",
    401: "Sign in first",
    403: "This is not allowed",
    404: "There is no such page",
    405: "This cannot be done here",
    409: "This is not possible now",
    412: "Somebody else changed this",
    413: "This is too large",
    415: "This cannot be read",
    422: "This cannot be used",
    500: "Something went wrong",
    502: "Another system gave an answer that cannot be used",
    503: "This is not available now",
}

API = ("/v1/", "/openapi.json")
"""Paths whose errors are always problem+json."""


def wants_page(scope: Scope) -> bool:
    """Whether the error of a request is shown as a page: for pages, and for browsers outside the API."""
    if "app" not in scope or not hasattr(scope["app"].state, "pages"):
        return False
    pages: Pages = scope["app"].state.pages
    path = scope["path"].removeprefix(pages.root)
    if path.startswith("/ui/"):
        return True
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return not path.startswith(API) and accepts_html(accept.decode("latin-1"))


def respond(
    request: Request,
    status: int,
    detail: str,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The page of an error: what is wrong, and what to do."""
    pages: Pages = request.app.state.pages
    return pages.respond(
        request,
        "pages/error.html",
        status,
        headers,
        code=status,
        title=TITLES.get(status, http.HTTPStatus(status).phrase),
        detail=detail,
        errors=errors,
    )


def accepts_html(accept: str) -> bool:
    """Whether an Accept header names `text/html` with a weight above 0."""
    for choice in accept.split(","):
        media_type, *parameters = (part.strip().lower() for part in choice.split(";"))
        if media_type == "text/html":
            return not any(parameter.replace(" ", "") in REFUSED for parameter in parameters)
    return False


REFUSED = {"q=0", "q=0.0", "q=0.00", "q=0.000"}
