"""The pages of computers, and of instruments, which are all computers and freezers."""

import msgspec
from msgspec import UNSET
from starlette.requests import Request
from starlette.responses import Response

from chassis.database.connection import Connection
from chassis.errors import Conflict, PreconditionFailed, RequestError
from chassis.pages.forms import Form, read_form
from chassis.pages.lists import ListView
from chassis.pages.messages import redirect
from chassis.pages.queries import page_query
from chassis.pages.rendering import page_path, render
from chassis.web.operations import Operation, page
from chassis.web.pagination import Page
from chassis.web.problem import status_of
from inventory import permissions
from inventory.common.choices import names_of_sites, site_choices, site_names
from inventory.common.csv_lists import respond_list
from inventory.common.fields import ById
from inventory.common.form_actions import (
    Correctable,
    convert_complete,
    corrected,
    create_from_form,
    failed_change,
    new_form,
    shown_version,
    stored_form,
)
from inventory.common.representation import Representation
from inventory.equipment import store
from inventory.equipment.computer import Computer, ComputerFilters, ComputerPatch, NewComputer
from inventory.equipment.instrument import Instrument, InstrumentFilters

_computer = msgspec.json.Decoder(Computer)
_computers = msgspec.json.Decoder(Page[Computer])
_instruments = msgspec.json.Decoder(Page[Instrument])

NEEDED_OF_COMPUTER = {"name": "Write the name of the computer.", "site_id": "Choose a site."}


async def show_computers(request: Request) -> Response:
    """`GET /ui/computers`."""
    database = request.state.database
    query = msgspec.structs.replace(page_query(request, ComputerFilters, sort="name"), total=True)
    found = _computers.decode(await store.list_computers(database, query))
    path = page_path(request, "/ui/computers")
    return render(
        request,
        "equipment/computer_list.html",
        view=ListView(path, query, found.items, found.next, found.total),
        sites=await site_names(database, (computer.site_id for computer in found.items)),
        choices=await site_choices(database),
    )


async def download_computers(request: Request) -> Response:
    """`GET /ui/computers.csv`."""
    query = page_query(request, ComputerFilters)

    async def read(part: ComputerFilters) -> bytes:
        return await store.list_computers(request.state.database, part)

    return await respond_list("computers", Computer, query, read, names_of_sites(request.state.database))


async def show_new_computer(request: Request) -> Response:
    """`GET /ui/computers/new`; `?site_id=` chooses the site."""
    chosen = page_query(request, ComputerFilters).site_id
    form = new_form({} if chosen is UNSET else {"site_id": str(chosen)})
    return await _computer_form(request, form)


async def add_computer(request: Request) -> Response:
    """`POST /ui/computers/new`."""
    values = await read_form(request)
    try:
        new = convert_complete(values, NewComputer, NEEDED_OF_COMPUTER)

        async def create(connection: Connection) -> Representation:
            return await store.create_computer(connection, new)

        ident = await create_from_form(request, values, new, create)
    except Correctable as error:
        return await _computer_form(request, corrected(values, error), status=status_of(error))
    return redirect(request, f"/ui/computers/{ident}", f"The computer {new.name} was added.")


async def show_computer(request: Request, path: ById) -> Response:
    """`GET /ui/computers/{id}`."""
    database = request.state.database
    computer, _ = await _read_computer(request, path.id)
    sites = await site_names(database, [computer.site_id])
    return render(
        request,
        "equipment/computer_show.html",
        computer=computer,
        site=sites.get(computer.site_id),
    )


async def show_edit_computer(request: Request, path: ById) -> Response:
    """`GET /ui/computers/{id}/edit`."""
    computer, version = await _read_computer(request, path.id)
    return await _computer_form(request, stored_form(computer, version), computer)


async def edit_computer(request: Request, path: ById) -> Response:
    """`POST /ui/computers/{id}/edit`."""
    values = await read_form(request)
    try:
        changes = convert_complete(values, ComputerPatch, NEEDED_OF_COMPUTER)
        versions = shown_version(values)
        changed = await store.patch_computer(request.state.database, path.id, versions, changes)
    except (*Correctable, PreconditionFailed) as error:
        computer, version = await _read_computer(request, path.id)
        form = failed_change(values, error, computer, version, "computer")
        return await _computer_form(request, form, computer, status_of(error))
    computer = _computer.decode(changed.body)
    return redirect(
        request, f"/ui/computers/{path.id}", f"The changes of the computer {computer.name} were saved."
    )


async def show_delete_computer(request: Request, path: ById) -> Response:
    """`GET /ui/computers/{id}/delete`."""
    computer, version = await _read_computer(request, path.id)
    return _ask_to_delete_computer(request, computer, version)


async def delete_computer(request: Request, path: ById) -> Response:
    """`POST /ui/computers/{id}/delete`."""
    values = await read_form(request)
    computer, version = await _read_computer(request, path.id)
    try:
        await store.delete_computer(request.state.database, path.id, shown_version(values))
    except (Conflict, PreconditionFailed) as error:
        return _ask_to_delete_computer(request, computer, version, error)
    return redirect(request, "/ui/computers", f"The computer {computer.name} was deleted.")


async def _computer_form(
    request: Request, form: Form, computer: Computer | None = None, status: int = 200
) -> Response:
    choices = await site_choices(request.state.database)
    return render(
        request, "equipment/computer_form.html", status, form=form, computer=computer, choices=choices
    )


def _ask_to_delete_computer(
    request: Request, computer: Computer, version: int, error: RequestError | None = None
) -> Response:
    return render(
        request,
        "equipment/computer_delete.html",
        status_of(error) if error else 200,
        computer=computer,
        version=version,
        was_changed=isinstance(error, PreconditionFailed),
    )


async def _read_computer(request: Request, ident: int) -> tuple[Computer, int]:
    found = await store.get_computer(request.state.database, ident)
    return _computer.decode(found.body), found.version


async def show_instruments(request: Request) -> Response:
    """`GET /ui/instruments`."""
    database = request.state.database
    query = msgspec.structs.replace(page_query(request, InstrumentFilters), total=True)
    found = _instruments.decode(await store.list_instruments(database, query))
    return render(
        request,
        "equipment/instrument_list.html",
        view=ListView(page_path(request, "/ui/instruments"), query, found.items, found.next, found.total),
        choices=await site_choices(database),
    )


async def download_instruments(request: Request) -> Response:
    """`GET /ui/instruments.csv`."""
    query = page_query(request, InstrumentFilters)

    async def read(part: InstrumentFilters) -> bytes:
        return await store.list_instruments(request.state.database, part)

    return await respond_list("instruments", Instrument, query, read)


PAGES: list[Operation] = [
    page(
        "/ui/computers",
        show_computers,
        "The computers",
        permissions.COMPUTERS.to("list"),
        shows=(permissions.COMPUTERS.to("create"), permissions.SITES.to("create")),
    ),
    page("/ui/computers.csv", download_computers, "The computers as CSV", permissions.COMPUTERS.to("list")),
    page(
        "/ui/computers/new",
        show_new_computer,
        "The form for a new computer",
        permissions.COMPUTERS.to("create"),
        shows=(permissions.SITES.to("create"),),
    ),
    page(
        "/ui/computers/new",
        add_computer,
        "Add a computer",
        permissions.COMPUTERS.to("create"),
        method="POST",
        shows=(permissions.SITES.to("create"),),
    ),
    page(
        "/ui/computers/{id}",
        show_computer,
        "A computer",
        permissions.COMPUTERS.to("get"),
        path_type=ById,
        shows=(permissions.COMPUTERS.to("update"), permissions.COMPUTERS.to("delete")),
    ),
    page(
        "/ui/computers/{id}/edit",
        show_edit_computer,
        "The form to change a computer",
        permissions.COMPUTERS.to("update"),
        path_type=ById,
        shows=(permissions.SITES.to("create"),),
    ),
    page(
        "/ui/computers/{id}/edit",
        edit_computer,
        "Change a computer",
        permissions.COMPUTERS.to("update"),
        method="POST",
        path_type=ById,
        shows=(permissions.SITES.to("create"),),
    ),
    page(
        "/ui/computers/{id}/delete",
        show_delete_computer,
        "Ask before a computer is deleted",
        permissions.COMPUTERS.to("delete"),
        path_type=ById,
    ),
    page(
        "/ui/computers/{id}/delete",
        delete_computer,
        "Delete a computer",
        permissions.COMPUTERS.to("delete"),
        method="POST",
        path_type=ById,
    ),
    page(
        "/ui/instruments",
        show_instruments,
        "The instruments",
        permissions.INSTRUMENTS.to("list"),
        shows=(permissions.FREEZERS.to("create"), permissions.COMPUTERS.to("create")),
    ),
    page(
        "/ui/instruments.csv",
        download_instruments,
        "The instruments as CSV",
        permissions.INSTRUMENTS.to("list"),
    ),
]
