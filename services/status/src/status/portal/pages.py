"""The portal, its boxes, the page of the services, and the greeting for programs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chassis.access.access import Access
from chassis.access.caller import rights_of
from chassis.pages.error_page import accepts_html
from chassis.pages.rendering import render, render_fragment
from chassis.web.operations import Operation, page
from status import permissions
from status.portal.boxes import MOST_FEEDS, MOST_FREEZERS
from status.portal.credential import credential_of
from status.portal.questions import Questions
from status.portal.roles import MeThere
from status.portal.service_states import condition
from status.portal.services import ServiceClient
from status.portal.shared_answers import SharedAnswers

GALLERY = "/ui/parts"
"""Path of the gallery, which only some installations have."""

SERVICES_GET = permissions.SERVICES.to("get")
SHOWS = (SERVICES_GET,)
"""The portal and its boxes show the state of the services to whom may see it."""

BoxName = Literal["freezers", "balances", "events", "services"]


class ByBox(msgspec.Struct, frozen=True):
    """The path of a box, by its name."""

    name: BoxName


class Offer(NamedTuple):
    """A link at the top of the portal, and what its page needs."""

    text: str
    service: str
    path: str
    verb: str
    resource: str


OFFERS = [
    Offer("Find a container", "Inventory", "/ui/containers", "list", "containers"),
    Offer("Record an event", "Inventory", "/ui/events/new", "create", "events"),
    Offer("Look at the balances", "Balances", "/ui/", "get", "balances"),
]


async def greet(request: Request) -> Response:
    """The handler of `GET /`: the portal if `Accept` names `text/html`, as browsers do; otherwise the greeting.

    The greeting needs nothing. The portal needs to know who looks at it, because it asks the services in their name.
    """
    headers = {"Vary": "Accept"}
    if not accepts_html(request.headers.get("accept", "")):
        return PlainTextResponse("Hello World!\n", headers=headers)
    access: Access = request.app.state.access
    await access.admit(request, "identity", SHOWS)
    offered, *contents = await asyncio.gather(_offered(request), *(ask(request) for ask in BOXES.values()))
    boxes = dict(zip(BOXES, contents, strict=True))
    return render(request, "portal/portal.html", headers=headers, boxes=boxes, offered=offered)


async def show_box(request: Request, path: ByBox) -> Response:
    """`GET /ui/boxes/{name}`: the content of a box, for an open portal."""
    content = await BOXES[path.name](request)
    return render_fragment(request, f"portal/boxes/{path.name}.html", content=content)


async def show_services(request: Request) -> Response:
    """`GET /ui/`."""
    has_gallery = any(one.path == GALLERY for one in request.app.state.operations)
    return render(
        request, "portal/services.html", has_gallery=has_gallery, gallery=GALLERY, **await _services(request)
    )


async def show_service_states(request: Request) -> Response:
    """`GET /ui/services`: the content of the page of the services, for an open page."""
    return render_fragment(request, "portal/service_states.html", **await _services(request))


async def _offered(request: Request) -> Sequence[tuple[str, str]]:
    """The links at the top of the portal: text and path, without those that this person may not use.

    What a service does not say is offered: its page says then what is missing.
    """
    questions: Questions = request.state.questions
    access: Access = request.app.state.access
    links: Mapping[str, str] = request.app.state.pages.links
    rights: dict[str, MeThere | None] = {}
    if not access.is_open:
        asked = [(client.title, shared) for client, shared in questions.accounts if client.configured]
        answers = await asyncio.gather(*(shared.get(credential_of(request)) for _, shared in asked))
        rights = {title: answer.value for (title, _), answer in zip(asked, answers, strict=True)}
    return [
        (one.text, links[one.service.lower()] + one.path)
        for one in OFFERS
        if (known := rights.get(one.service)) is None or known.may(one.verb, one.resource)
    ]


async def _freezers(request: Request) -> Mapping[str, Any]:
    questions: Questions = request.state.questions
    return {
        **await _content(request, questions.inventory, questions.freezers),
        "most_freezers": MOST_FREEZERS,
    }


async def _balances(request: Request) -> Mapping[str, Any]:
    questions: Questions = request.state.questions
    return {**await _content(request, questions.balances, questions.feeds), "most_feeds": MOST_FEEDS}


async def _events(request: Request) -> Mapping[str, Any]:
    questions: Questions = request.state.questions
    return await _content(request, questions.inventory, questions.events)


async def _services(request: Request) -> Mapping[str, Any]:
    if not rights_of(request)("get", "services"):
        return {}
    questions: Questions = request.state.questions
    states = await questions.states(request.app.state.readiness, credential_of(request))
    return {"states": states, "condition": condition(states)}


async def _content(request: Request, client: ServiceClient, shared: SharedAnswers[Any]) -> Mapping[str, Any]:
    """What a box shows: its answer, or None if this installation does not ask the service."""
    return {"answer": await shared.get(credential_of(request)) if client.configured else None}


BOXES: Mapping[BoxName, Callable[[Request], Awaitable[Mapping[str, Any]]]] = {
    "freezers": _freezers,
    "balances": _balances,
    "events": _events,
    "services": _services,
}

PAGES: list[Operation] = [
    page("/ui/boxes/{name}", show_box, "A box of the portal", "identity", shows=SHOWS, path_type=ByBox),
    page("/ui/", show_services, "The services", SERVICES_GET, shows=SHOWS),
    page("/ui", show_services, "The services", SERVICES_GET, shows=SHOWS),
    page(
        "/ui/services",
        show_service_states,
        "The content of the page of the services",
        SERVICES_GET,
        shows=SHOWS,
    ),
]
