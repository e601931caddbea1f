"""The pages of events."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from chassis.database.connection import Connection
from chassis.errors import FieldError, Invalid
from chassis.pages.forms import Form, read_form
from chassis.pages.lists import ListView
from chassis.pages.messages import redirect
from chassis.pages.queries import page_query
from chassis.pages.rendering import page_path, render, render_fragment
from chassis.validation.patterns import TEXT
from chassis.web.operations import Operation, page
from chassis.web.pagination import Page
from chassis.web.problem import status_of
from inventory import permissions
from inventory.common.choices import MOST, Choices, inactive_person, person_choices
from inventory.common.csv_lists import respond_list
from inventory.common.fields import Id
from inventory.common.form_actions import Correctable, convert_complete, corrected, new_form, once_from_form
from inventory.common.idempotency import Created
from inventory.common.own_account import own_account
from inventory.common.undelivered import count_undelivered
from inventory.events import store
from inventory.events.delivery import Delivery, state_of_event
from inventory.events.event import Event, EventFilters, NewEvent
from inventory.events.routes import ByUuid
from inventory.events.store import EVENTS

SOMEBODY_ELSE = "other"
"""The choice in the form of an event for somebody without an account; the choices of people are ids."""

_event = msgspec.json.Decoder(Event)
_events = msgspec.json.Decoder(Page[Event])


class Chosen(msgspec.Struct, frozen=True):
    """Query of the form for a new event."""

    person: Id | UnsetType = UNSET
    about: Annotated[str, Meta(max_length=500, pattern=TEXT)] = ""
    """What the event is about, such as the name of a freezer; the description begins with it."""


async def show_events(request: Request) -> Response:
    """`GET /ui/events`."""
    database = request.state.database
    query = msgspec.structs.replace(_newest_first(request), total=True)
    found = _events.decode(await store.list_events(database, query))
    users = await store.users_of_events(database, MOST)
    if users is not None and isinstance(query.user_id, str) and query.user_id not in users:
        users = [*users, query.user_id]
    return render(
        request,
        "events/event_list.html",
        view=ListView(page_path(request, "/ui/events"), query, found.items, found.next, found.total),
        states=await store.states_of_events(database, [event.id for event in found.items]),
        users=None if users is None else [(user, user) for user in users],
        undelivered=await count_undelivered(database),
    )


async def download_events(request: Request) -> Response:
    """`GET /ui/events.csv`."""
    query = _newest_first(request)

    async def read(part: EventFilters) -> bytes:
        return await store.list_events(request.state.database, part)

    return await respond_list("events", Event, query, read)


async def show_new_event(request: Request) -> Response:
    """`GET /ui/events/new`; `?person=` chooses the person, by id of the account, and `?about=` what it is about.

    If nobody is chosen, the event is for the person who opens the form.
    """
    chosen = page_query(request, Chosen)
    people = await person_choices(request.state.database)
    own = own_account(request).account
    values = {}
    if chosen.person is not UNSET:
        values["person"] = str(chosen.person)
    elif own is not None:
        values |= {"person": str(own.id)} if people else {"user_id": own.username}
    if chosen.about:
        values["description"] = values["about"] = f"{chosen.about}: "
    return _event_form(request, new_form(values), people)


async def add_event(request: Request) -> Response:
    """`POST /ui/events/new`."""
    values = await read_form(request)
    people = await person_choices(request.state.database)
    try:
        new = await _new_event(request, values, people)

        async def create(connection: Connection) -> Created:
            ident = await store.create_event(connection, new, wake=request.state.wake_workers)
            event = await store.read_written(connection, EVENTS.get, ident)
            return Created(str(ident), None, event)

        created = await once_from_form(request, values, new, create)
    except Correctable as error:
        return _event_form(request, corrected(values, error), people, status_of(error))
    return redirect(request, f"/ui/events/{created.location}", f"The event for {new.user_id} was recorded.")


async def show_event(request: Request, path: ByUuid) -> Response:
    """`GET /ui/events/{id}`."""
    event = _event.decode(await store.get_event(request.state.database, path.id))
    deliveries = await store.deliveries_of_event(request.state.database, path.id)
    return render(request, "events/event_show.html", event=event, **_shown(deliveries))


async def show_delivery(request: Request, path: ByUuid) -> Response:
    """`GET /ui/events/{id}/delivery`: the part of the page that stays up to date."""
    event = _event.decode(await store.get_event(request.state.database, path.id))
    deliveries = await store.deliveries_of_event(request.state.database, path.id)
    return render_fragment(request, "events/event_delivery.html", event=event, **_shown(deliveries))


async def close_event(request: Request, path: ByUuid) -> Response:
    """`POST /ui/events/{id}/close`."""
    async with request.state.database.transaction() as connection:
        await store.change_event(
            connection, path.id, user_id=None, description=None, status="Processed", wake=False
        )
    event = _event.decode(await store.get_event(request.state.database, path.id))
    message = f"The event for {event.user_id} was closed. No notification of it is sent any more."
    return redirect(request, f"/ui/events/{path.id}", message)


async def queue_event(request: Request, path: ByUuid) -> Response:
    """`POST /ui/events/{id}/queue`."""
    values = await read_form(request)

    async def queue(connection: Connection) -> Created:
        await store.change_event(
            connection,
            path.id,
            user_id=None,
            description=None,
            status="NotProcessed",
            wake=request.state.wake_workers,
        )
        return Created(str(path.id), None, b"{}")

    await once_from_form(request, values, path, queue)
    event = _event.decode(await store.get_event(request.state.database, path.id))
    return redirect(request, f"/ui/events/{path.id}", f"The event for {event.user_id} is sent again.")


def _newest_first(request: Request) -> EventFilters:
    """The query of the list. People see the newest events first, unless they choose another order."""
    query = page_query(request, EventFilters)
    is_chosen = bool(request.query_params.get("sort", "").strip())
    return query if is_chosen else msgspec.structs.replace(query, sort="-created_at")


async def _new_event(request: Request, values: Mapping[str, str], people: Choices) -> NewEvent:
    """The event of a form. Unlike a program, a person must say what happened, and notifies only active accounts.

    Raises:
        Invalid: values are missing or not valid.
    """
    if values.get("description", "").strip() == values.get("about", "").strip():
        values = {**values, "description": ""}  # nothing was added to the beginning that the page wrote
    chosen = values.get("person", SOMEBODY_ELSE)
    if chosen == SOMEBODY_ELSE:
        needed = {"user_id": "Write for whom the event is."}
    else:
        usernames = {str(ident): username for ident, username in people or []}
        if chosen and chosen not in usernames:
            said = "This person has no active account. Choose another."
            raise Invalid(said, [FieldError("/person", "unknown", said)])
        values = {
            **values,
            "user_id": usernames.get(chosen, SOMEBODY_ELSE),
        }  # not blank: that is an error of `person`
        needed = {"person": "Choose for whom the event is."}
    new = convert_complete(values, NewEvent, {**needed, "description": "Say what happened."})
    if username := await inactive_person(request.state.database, new.user_id):
        said = (
            f"The account of {username} is not active, so nothing was recorded."
            " Activate the account first (under People), or notify somebody else."
        )
        raise Invalid(said, [FieldError("/user_id", "inactive", said)])
    return new


def _event_form(request: Request, form: Form, people: Choices, status: int = 200) -> Response:
    choices = None if not people else [*people, (SOMEBODY_ELSE, "Somebody else…")]
    return render(request, "events/event_form.html", status, form=form, choices=choices)


def _shown(deliveries: Sequence[Delivery]) -> Mapping[str, Any]:
    """What the template of the delivery shows. The key changes each time that the event is queued."""
    state = state_of_event(delivery.state for delivery in deliveries)
    key = max((delivery.due_at or delivery.queued_at for delivery in deliveries), default="")
    return {"deliveries": deliveries, "state": state, "key": key, "now": datetime.now(UTC)}


PAGES: list[Operation] = [
    page(
        "/ui/events",
        show_events,
        "The events",
        permissions.EVENTS.to("list"),
        shows=(permissions.EVENTS.to("create"),),
    ),
    page("/ui/events.csv", download_events, "The events as CSV", permissions.EVENTS.to("list")),
    page("/ui/events/new", show_new_event, "The form for a new event", permissions.EVENTS.to("create")),
    page("/ui/events/new", add_event, "Record an event", permissions.EVENTS.to("create"), method="POST"),
    page(
        "/ui/events/{id}",
        show_event,
        "An event",
        permissions.EVENTS.to("get"),
        path_type=ByUuid,
        shows=(permissions.EVENTS.to("update"),),
    ),
    page(
        "/ui/events/{id}/delivery",
        show_delivery,
        "The delivery of an event",
        permissions.EVENTS.to("get"),
        path_type=ByUuid,
        shows=(permissions.EVENTS.to("update"),),
    ),
    page(
        "/ui/events/{id}/close",
        close_event,
        "Close an event",
        permissions.EVENTS.to("update"),
        method="POST",
        path_type=ByUuid,
    ),
    page(
        "/ui/events/{id}/queue",
        queue_event,
        "Send an event again",
        permissions.EVENTS.to("update"),
        method="POST",
        path_type=ByUuid,
    ),
]
