"""What a person gets who is not signed in: the page where people sign in, or a page that says what to do."""

from collections.abc import Mapping
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from chassis.access.bearer import is_bearer
from chassis.errors import RequestError
from chassis.pages import error_page
from chassis.pages.forms import read_form
from chassis.pages.here import requested
from chassis.pages.rendering import Pages

MOST_BYTES = 64 * 1024
"""Maximum size of a form that can be sent again from the page that says to sign in."""

READING = frozenset({"GET", "HEAD"})

FORM = "application/x-www-form-urlencoded"


def is_navigation(request: Request) -> bool:
    """Whether a person opened a page, so that the response may be the page where people sign in.

    A part of a page that a script requests, and a form that is sent, are no navigation: they get an error. So does a
    caller with a token, and a person who cannot sign in here because the page for that is on another host.
    """
    pages: Pages = request.app.state.pages
    mode = request.headers.get("sec-fetch-mode", "navigate")
    return (
        request.method in READING
        and mode == "navigate"
        and error_page.wants_page(request.scope)
        and not _has_token(request)
        and pages.shares_sessions
    )


def redirect(request: Request) -> Response:
    """Redirect to the page where people sign in, which comes back to the requested page."""
    pages: Pages = request.app.state.pages
    location = f"{pages.sign_in}?next={quote(requested(request), safe='')}"
    return Response(status_code=303, headers={"Location": location, "Cache-Control": "no-store"})


async def refuse(request: Request, detail: str, headers: Mapping[str, str] | None) -> Response:
    """The page (401) that says how to sign in; what was typed into a form can be sent again from it."""
    pages: Pages = request.app.state.pages
    return pages.respond(
        request,
        "pages/signed_out.html",
        401,
        headers,
        detail=detail,
        action=requested(request),
        fields=await _fields(request),
        was_form=request.method not in READING,
        has_credentials=_has_token(request),
    )


def _has_token(request: Request) -> bool:
    """Whether the request has a token. A proxy in front of the service may use Basic for itself."""
    return is_bearer(request.headers.get("authorization", "").encode("latin-1"))


async def _fields(request: Request) -> Mapping[str, str] | None:
    """The fields of the form that was sent; None if it is not a form of one of our pages, or a large one."""
    length = request.headers.get("content-length", "")
    if (
        request.method != "POST"
        or request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM
        or not length.isascii()
        or not length.isdigit()
        or int(length) > MOST_BYTES
    ):
        return None
    try:
        return await read_form(request)
    except RequestError:
        return None
