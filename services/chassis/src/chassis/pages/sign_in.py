"""The way from a page that needs a signed-in person to the page where people sign in, and back."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from chassis.pages import error_page
from chassis.pages.rendering import Pages


def is_navigation(request: Request) -> bool:
    """Whether a person opened a page, so that the response may be the page where people sign in.

    A part of a page that a script requests, and a form that is sent, are no navigation: they get an error.
    """
    mode = request.headers.get("sec-fetch-mode", "navigate")
    return request.method == "GET" and mode == "navigate" and error_page.wants_page(request.scope)


def redirect(request: Request) -> Response:
    """Redirect to the page where people sign in, which comes back to the requested page."""
    pages: Pages = request.app.state.pages
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    location = f"{pages.sign_in}?next={quote(here, safe='')}"
    return Response(status_code=303, headers={"Location": location, "Cache-Control": "no-store"})
