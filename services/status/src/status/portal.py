"""The root path of the host: the portal page for browsers, a greeting for other clients."""

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chassis.pages.error_page import accepts_html
from chassis.web.html_page import html_page

PAGE = files("status").joinpath("portal.html").read_text(encoding="utf-8")


async def greet(request: Request) -> Response:
    """The handler of `GET /`: the page if `Accept` names `text/html`, as browsers do; otherwise the greeting."""
    headers = {"Vary": "Accept"}
    if accepts_html(request.headers.get("accept", "")):
        return html_page(PAGE, headers)
    return PlainTextResponse("Hello World!\n", headers=headers)
