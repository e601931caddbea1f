"""The pages of containers."""

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
from inventory.common.choices import freezer_choices, freezer_names, names_of_freezers, site_choices
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
from inventory.containers import store
from inventory.containers.container import Container, ContainerFilters, ContainerPatch, NewContainer

_container = msgspec.json.Decoder(Container)
_containers = msgspec.json.Decoder(Page[Container])

NEEDED_OF_NEW_CONTAINER = {
    "description": "Describe what is in it, such as Plasmid pUC19, 50 µL.",
    "freezer_id": "Choose a freezer.",
}
NEEDED_OF_CONTAINER = {**NEEDED_OF_NEW_CONTAINER, "uuid": "Write the UUID that is on the label."}

LONGEST_TITLE = 80
"""Maximum number of characters of the title of a container."""


def title_of(container: Container, longest: int = LONGEST_TITLE) -> str:
    """How a container is called: the beginning of its description, on one line."""
    text = " ".join(container.description.split()) or f"Container {container.id} (no description)"
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


async def show_containers(request: Request) -> Response:
    """`GET /ui/containers`."""
    database = request.state.database
    query = msgspec.structs.replace(page_query(request, ContainerFilters, sort="-created_at"), total=True)
    found = _containers.decode(await store.list_containers(database, query))
    path = page_path(request, "/ui/containers")
    return render(
        request,
        "containers/container_list.html",
        view=ListView(path, query, found.items, found.next, found.total),
        title_of=title_of,
        freezers=await freezer_names(database, (container.freezer_id for container in found.items)),
        freezer_choices=await freezer_choices(database),
        site_choices=await site_choices(database),
    )


async def download_containers(request: Request) -> Response:
    """`GET /ui/containers.csv`."""
    query = page_query(request, ContainerFilters)

    async def read(part: ContainerFilters) -> bytes:
        return await store.list_containers(request.state.database, part)

    return await respond_list("containers", Container, query, read, names_of_freezers(request.state.database))


async def show_new_container(request: Request) -> Response:
    """`GET /ui/containers/new`; `?freezer_id=` chooses the freezer."""
    chosen = page_query(request, ContainerFilters).freezer_id
    form = new_form({} if chosen is UNSET else {"freezer_id": str(chosen)})
    return await _container_form(request, form)


async def add_container(request: Request) -> Response:
    """`POST /ui/containers/new`."""
    values = await read_form(request)
    try:
        new = convert_complete(values, NewContainer, NEEDED_OF_NEW_CONTAINER)

        async def create(connection: Connection) -> Representation:
            return await store.create_container(connection, new)

        ident = await create_from_form(request, values, new, create)
    except Correctable as error:
        return await _container_form(request, corrected(values, error), status=status_of(error))
    container, _ = await _read_container(request, ident)
    place = await _place_of(request, container.freezer_id)
    message = f"The container {title_of(container)} was added to {place}."
    return redirect(request, f"/ui/containers/{ident}", message)


async def show_container(request: Request, path: ById) -> Response:
    """`GET /ui/containers/{id}`."""
    database = request.state.database
    container, _ = await _read_container(request, path.id)
    freezers = await freezer_names(database, [container.freezer_id])
    return render(
        request,
        "containers/container_show.html",
        container=container,
        name=title_of(container),
        freezer=freezers.get(container.freezer_id),
    )


async def show_edit_container(request: Request, path: ById) -> Response:
    """`GET /ui/containers/{id}/edit`."""
    container, version = await _read_container(request, path.id)
    return await _container_form(request, stored_form(container, version), container)


async def edit_container(request: Request, path: ById) -> Response:
    """`POST /ui/containers/{id}/edit`."""
    values = await read_form(request)
    before, _ = await _read_container(request, path.id)
    try:
        changes = convert_complete(values, ContainerPatch, NEEDED_OF_CONTAINER)
        versions = shown_version(values)
        changed = await store.patch_container(request.state.database, path.id, versions, changes)
    except (*Correctable, PreconditionFailed) as error:
        container, version = await _read_container(request, path.id)
        form = failed_change(values, error, container, version, "container")
        return await _container_form(request, form, container, status_of(error))
    container = _container.decode(changed.body)
    message = f"The changes of the container {title_of(container)} were saved."
    if container.freezer_id != before.freezer_id:
        places = [await _place_of(request, one.freezer_id) for one in (before, container)]
        message = f"The container {title_of(container)} was moved from {' to '.join(places)}."
    return redirect(request, f"/ui/containers/{path.id}", message)


async def show_delete_container(request: Request, path: ById) -> Response:
    """`GET /ui/containers/{id}/delete`."""
    container, version = await _read_container(request, path.id)
    return await _ask_to_delete_container(request, container, version)


async def delete_container(request: Request, path: ById) -> Response:
    """`POST /ui/containers/{id}/delete`."""
    values = await read_form(request)
    container, version = await _read_container(request, path.id)
    place = await _place_of(request, container.freezer_id)
    try:
        await store.delete_container(request.state.database, path.id, shown_version(values))
    except (Conflict, PreconditionFailed) as error:
        return await _ask_to_delete_container(request, container, version, error)
    subject = f"The container {title_of(container)}" if container.description.strip() else title_of(container)
    message = f"{subject} was deleted from {place}."
    return redirect(request, f"/ui/containers?freezer_id={container.freezer_id}", message)


async def _container_form(
    request: Request, form: Form, container: Container | None = None, status: int = 200
) -> Response:
    return render(
        request,
        "containers/container_form.html",
        status,
        form=form,
        container=container,
        name=title_of(container) if container else "",
        choices=await freezer_choices(request.state.database),
    )


async def _ask_to_delete_container(
    request: Request, container: Container, version: int, error: RequestError | None = None
) -> Response:
    return render(
        request,
        "containers/container_delete.html",
        status_of(error) if error else 200,
        container=container,
        name=title_of(container),
        place=await _place_of(request, container.freezer_id),
        version=version,
        was_changed=isinstance(error, PreconditionFailed),
    )


async def _place_of(request: Request, freezer_id: int) -> str:
    """Name of a freezer and of its site, for people."""
    freezers = await freezer_names(request.state.database, [freezer_id])
    return str(freezers.get(freezer_id, f"freezer {freezer_id}"))


async def _read_container(request: Request, ident: int) -> tuple[Container, int]:
    found = await store.get_container(request.state.database, ident)
    return _container.decode(found.body), found.version


PAGES: list[Operation] = [
    page(
        "/ui/containers",
        show_containers,
        "The containers",
        permissions.CONTAINERS.to("list"),
        shows=(permissions.CONTAINERS.to("create"), permissions.FREEZERS.to("create")),
    ),
    page(
        "/ui/containers.csv", download_containers, "The containers as CSV", permissions.CONTAINERS.to("list")
    ),
    page(
        "/ui/containers/new",
        show_new_container,
        "The form for a new container",
        permissions.CONTAINERS.to("create"),
        shows=(permissions.FREEZERS.to("create"),),
    ),
    page(
        "/ui/containers/new",
        add_container,
        "Add a container",
        permissions.CONTAINERS.to("create"),
        method="POST",
        shows=(permissions.FREEZERS.to("create"),),
    ),
    page(
        "/ui/containers/{id}",
        show_container,
        "A container",
        permissions.CONTAINERS.to("get"),
        path_type=ById,
        shows=(
            permissions.CONTAINERS.to("create"),
            permissions.CONTAINERS.to("update"),
            permissions.CONTAINERS.to("delete"),
        ),
    ),
    page(
        "/ui/containers/{id}/edit",
        show_edit_container,
        "The form to change a container",
        permissions.CONTAINERS.to("update"),
        path_type=ById,
        shows=(permissions.FREEZERS.to("create"),),
    ),
    page(
        "/ui/containers/{id}/edit",
        edit_container,
        "Change a container",
        permissions.CONTAINERS.to("update"),
        method="POST",
        path_type=ById,
        shows=(permissions.FREEZERS.to("create"),),
    ),
    page(
        "/ui/containers/{id}/delete",
        show_delete_container,
        "Ask before a container is deleted",
        permissions.CONTAINERS.to("delete"),
        path_type=ById,
    ),
    page(
        "/ui/containers/{id}/delete",
        delete_container,
        "Delete a container",
        permissions.CONTAINERS.to("delete"),
        method="POST",
        path_type=ById,
    ),
]
