"""Renders the pages of a service from templates, with one layout for all services."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import jinja2
import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from chassis.access import session_cookie
from chassis.access.access import Access
from chassis.access.caller import CALLER, caller_of, rights_of
from chassis.pages import messages, numbers, times
from chassis.pages.assets import Assets
from chassis.pages.headers import PAGE_HEADERS
from chassis.pages.here import requested
from chassis.process.settings import Settings

if TYPE_CHECKING:
    from chassis.access.sessions import Sessions


class Section(msgspec.Struct, frozen=True):
    """An entry in the navigation of a service."""

    title: str
    path: str
    """Path of the page, without the path prefix of the service; pages below it belong to the section."""


class PagesOfService(msgspec.Struct, frozen=True, kw_only=True):
    """What the pages of a service are made of."""

    title: str
    """Name of the service for people, such as `Inventory`."""
    sections: Sequence[Section] = ()
    """The navigation, in its order."""
    templates: Mapping[str, str] = {}
    """Packages with a folder `templates`, by the first part of a template's name: `{"places": "inventory.places"}`."""


class Pages:
    """The templates of a service, with what every page shows."""

    def __init__(self, service: PagesOfService, settings: Settings) -> None:
        self.root = settings.path_prefix
        self.sign_in = f"{settings.status_link}/sign-in"
        self.shares_sessions = settings.status_link.startswith("/")
        """Whether the page where people sign in is on this host, whose sessions a browser sends to all services."""
        self.links = _links(settings)
        """Where the services are, by name."""
        self.assets = Assets()
        self.times = times.Times(settings.time_zone)
        self._service = service
        packages = {"pages": "chassis.pages", **service.templates}
        self._templates = jinja2.Environment(
            loader=jinja2.PrefixLoader(
                {name: jinja2.PackageLoader(package) for name, package in packages.items()}
            ),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        # Imported macros see these, but not the context of the page
        self._templates.globals |= {
            "root": self.root,
            "asset": lambda name: self.root + self.assets.path(name),
            "service": service,
            "links": self.links,
            "sign_in": self.sign_in,
            "shares_sessions": self.shares_sessions,
            "zone": settings.time_zone.removeprefix("Etc/"),
        }
        self._templates.filters |= {
            "time": self.times.time,
            "ago": self.times.ago,
            "date": times.date,
            "count": numbers.count,
            "money": numbers.money,
            "plural": numbers.plural,
        }

    def text(self, template: str, /, **context: object) -> str:
        """The HTML of a template."""
        return self._templates.get_template(template).render(context)

    def respond(
        self,
        request: Request,
        template: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: object,
    ) -> Response:
        """The page of a template, with the message that the action before it left."""
        message = messages.take(request)
        here = request.scope["path"].removeprefix(self.root)
        page = self.text(template, here=here, message=message, **self.of_caller(request), **context)
        response = HTMLResponse(page, status, {**PAGE_HEADERS, **(headers or {})})
        if message:
            messages.forget(response, self.root)
        _renew(request, response)
        return response

    def of_caller(self, request: Request) -> Mapping[str, object]:
        """What templates know of the caller: who it is, its role in this service, and what it may do."""
        access: Access = request.app.state.access
        caller = caller_of(request)
        return {
            "caller": caller,
            "known": "open" if access.is_open else caller.kind if CALLER in request.scope else "",
            "role": access.role(caller),
            "may": rights_of(request),
            "requested": requested(request),
        }


def render(
    request: Request,
    template: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: object,
) -> Response:
    """The page of a template of this service.

    Args:
        request: the request for the page.
        template: its name, such as `places/site_list.html`.
        status: status code.
        headers: headers beside those of every page.
        context: what the template shows.
    """
    pages: Pages = request.app.state.pages
    return pages.respond(request, template, status, headers, **context)


def page_path(request: Request, path: str) -> str:
    """A path of this service with its path prefix, for links."""
    root: str = request.app.state.pages.root
    return root + path


def render_fragment(request: Request, template: str, **context: object) -> Response:
    """A part of a page, without the layout, for a page that replaces the part while it is open."""
    pages: Pages = request.app.state.pages
    return HTMLResponse(pages.text(template, **pages.of_caller(request), **context), headers=PAGE_HEADERS)


def _renew(request: Request, response: Response) -> None:
    """Let the session of a person who opens a page last longer.

    Parts that an open page requests by itself do not count as use of the session.
    """
    navigates = request.headers.get("sec-fetch-mode", "navigate") == "navigate"
    if request.method != "GET" or not navigates or caller_of(request).kind != "session":
        return
    sessions: Sessions | None = request.app.state.sessions
    if sessions is not None and (renewed := sessions.renewed(session_cookie.session_cookie(request))):
        session_cookie.keep(response, renewed, sessions.seconds_left(renewed))


def _links(settings: Settings) -> dict[str, Any]:
    """Where the services are. Without a host of its own, the portal is at the root of the host."""
    on_this_host = settings.status_link.startswith("/")
    return {
        "portal": "/" if on_this_host else f"{settings.status_link}/",
        "status": settings.status_link,
        "inventory": settings.inventory_link,
        "balances": settings.balances_link,
        "search": f"{settings.inventory_link}/ui/containers"
        if settings.inventory_link.startswith("/")
        else "",
    }
