"""The pages of sites and freezers."""

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
from inventory.places import store
from inventory.places.freezer import Freezer, FreezerFilters, FreezerPatch, NewFreezer
from inventory.places.site import NewSite, Site, SiteFilters, SitePatch

_site = msgspec.json.Decoder(Site)
_sites = msgspec.json.Decoder(Page[Site])
_freezer = msgspec.json.Decoder(Freezer)
_freezers = msgspec.json.Decoder(Page[Freezer])

NEEDED_OF_SITE = {"name": "Write the name of the site."}
NEEDED_OF_FREEZER = {"name": "Write the name of the freezer.", "site_id": "Choose a site."}


async def show_sites(request: Request) -> Response:
    """`GET /ui/sites`."""
    query = msgspec.structs.replace(page_query(request, SiteFilters, sort="name"), total=True)
    found = _sites.decode(await store.list_sites(request.state.database, query))
    path = page_path(request, "/ui/sites")
    view = ListView(path, query, found.items, found.next, found.total)
    return render(request, "places/site_list.html", view=view)


async def download_sites(request: Request) -> Response:
    """`GET /ui/sites.csv`."""
    query = page_query(request, SiteFilters)

    async def read(part: SiteFilters) -> bytes:
        return await store.list_sites(request.state.database, part)

    return await respond_list("sites", Site, query, read)


async def show_new_site(request: Request) -> Response:
    """`GET /ui/sites/new`."""
    return render(request, "places/site_form.html", form=new_form(), site=None)


async def add_site(request: Request) -> Response:
    """`POST /ui/sites/new`."""
    values = await read_form(request)
    try:
        new = convert_complete(values, NewSite, NEEDED_OF_SITE)

        async def create(connection: Connection) -> Representation:
            return await store.create_site(connection, new)

        ident = await create_from_form(request, values, new, create)
    except Correctable as error:
        form = corrected(values, error)
        return render(request, "places/site_form.html", status_of(error), form=form, site=None)
    return redirect(request, f"/ui/sites/{ident}", f"The site {new.name} was added.")


async def show_site(request: Request, path: ById) -> Response:
    """`GET /ui/sites/{id}`."""
    site, _ = await _read_site(request, path.id)
    freezers, computers = await store.references_of_site(request.state.database, path.id)
    return render(request, "places/site_show.html", site=site, freezers=freezers, computers=computers)


async def show_edit_site(request: Request, path: ById) -> Response:
    """`GET /ui/sites/{id}/edit`."""
    site, version = await _read_site(request, path.id)
    return render(request, "places/site_form.html", form=stored_form(site, version), site=site)


async def edit_site(request: Request, path: ById) -> Response:
    """`POST /ui/sites/{id}/edit`."""
    values = await read_form(request)
    try:
        changes = convert_complete(values, SitePatch, NEEDED_OF_SITE)
        versions = shown_version(values)
        changed = await store.patch_site(request.state.database, path.id, versions, changes)
    except (*Correctable, PreconditionFailed) as error:
        site, version = await _read_site(request, path.id)
        form = failed_change(values, error, site, version, "site")
        return render(request, "places/site_form.html", status_of(error), form=form, site=site)
    site = _site.decode(changed.body)
    return redirect(request, f"/ui/sites/{path.id}", f"The changes of the site {site.name} were saved.")


async def show_delete_site(request: Request, path: ById) -> Response:
    """`GET /ui/sites/{id}/delete`."""
    site, version = await _read_site(request, path.id)
    return await _ask_to_delete_site(request, site, version)


async def delete_site(request: Request, path: ById) -> Response:
    """`POST /ui/sites/{id}/delete`."""
    values = await read_form(request)
    site, version = await _read_site(request, path.id)
    try:
        await store.delete_site(request.state.database, path.id, shown_version(values))
    except (Conflict, PreconditionFailed) as error:
        return await _ask_to_delete_site(request, site, version, error)
    return redirect(request, "/ui/sites", f"The site {site.name} was deleted.")


async def _ask_to_delete_site(
    request: Request, site: Site, version: int, error: RequestError | None = None
) -> Response:
    freezers, computers = await store.references_of_site(request.state.database, site.id)
    return render(
        request,
        "places/site_delete.html",
        status_of(error) if error else 200,
        site=site,
        version=version,
        freezers=freezers,
        computers=computers,
        was_changed=isinstance(error, PreconditionFailed),
    )


async def _read_site(request: Request, ident: int) -> tuple[Site, int]:
    found = await store.get_site(request.state.database, ident)
    return _site.decode(found.body), found.version


async def show_freezers(request: Request) -> Response:
    """`GET /ui/freezers`."""
    database = request.state.database
    query = msgspec.structs.replace(page_query(request, FreezerFilters, sort="name"), total=True)
    found = _freezers.decode(await store.list_freezers(database, query))
    path = page_path(request, "/ui/freezers")
    return render(
        request,
        "places/freezer_list.html",
        view=ListView(path, query, found.items, found.next, found.total),
        sites=await site_names(database, (freezer.site_id for freezer in found.items)),
        contents=await store.contents_of_freezers(database, [freezer.id for freezer in found.items]),
        choices=await site_choices(database),
    )


async def download_freezers(request: Request) -> Response:
    """`GET /ui/freezers.csv`."""
    query = page_query(request, FreezerFilters)

    async def read(part: FreezerFilters) -> bytes:
        return await store.list_freezers(request.state.database, part)

    return await respond_list("freezers", Freezer, query, read, names_of_sites(request.state.database))


async def show_new_freezer(request: Request) -> Response:
    """`GET /ui/freezers/new`; `?site_id=` chooses the site."""
    chosen = page_query(request, FreezerFilters).site_id
    form = new_form({} if chosen is UNSET else {"site_id": str(chosen)})
    return await _freezer_form(request, form)


async def add_freezer(request: Request) -> Response:
    """`POST /ui/freezers/new`."""
    values = await read_form(request)
    try:
        new = convert_complete(values, NewFreezer, NEEDED_OF_FREEZER)

        async def create(connection: Connection) -> Representation:
            return await store.create_freezer(connection, new)

        ident = await create_from_form(request, values, new, create)
    except Correctable as error:
        return await _freezer_form(request, corrected(values, error), status=status_of(error))
    return redirect(request, f"/ui/freezers/{ident}", f"The freezer {new.name} was added.")


async def show_freezer(request: Request, path: ById) -> Response:
    """`GET /ui/freezers/{id}`."""
    database = request.state.database
    freezer, _ = await _read_freezer(request, path.id)
    sites = await site_names(database, [freezer.site_id])
    contents = await store.references_of_freezer(database, path.id)
    return render(
        request,
        "places/freezer_show.html",
        freezer=freezer,
        site=sites.get(freezer.site_id),
        contents=contents,
    )


async def show_edit_freezer(request: Request, path: ById) -> Response:
    """`GET /ui/freezers/{id}/edit`."""
    freezer, version = await _read_freezer(request, path.id)
    return await _freezer_form(request, stored_form(freezer, version), freezer)


async def edit_freezer(request: Request, path: ById) -> Response:
    """`POST /ui/freezers/{id}/edit`."""
    values = await read_form(request)
    try:
        changes = convert_complete(values, FreezerPatch, NEEDED_OF_FREEZER)
        versions = shown_version(values)
        changed = await store.patch_freezer(request.state.database, path.id, versions, changes)
    except (*Correctable, PreconditionFailed) as error:
        freezer, version = await _read_freezer(request, path.id)
        form = failed_change(values, error, freezer, version, "freezer")
        return await _freezer_form(request, form, freezer, status_of(error))
    freezer = _freezer.decode(changed.body)
    return redirect(
        request, f"/ui/freezers/{path.id}", f"The changes of the freezer {freezer.name} were saved."
    )


async def show_delete_freezer(request: Request, path: ById) -> Response:
    """`GET /ui/freezers/{id}/delete`."""
    freezer, version = await _read_freezer(request, path.id)
    return await _ask_to_delete_freezer(request, freezer, version)


async def delete_freezer(request: Request, path: ById) -> Response:
    """`POST /ui/freezers/{id}/delete`."""
    values = await read_form(request)
    freezer, version = await _read_freezer(request, path.id)
    try:
        await store.delete_freezer(request.state.database, path.id, shown_version(values))
    except (Conflict, PreconditionFailed) as error:
        return await _ask_to_delete_freezer(request, freezer, version, error)
    return redirect(request, "/ui/freezers", f"The freezer {freezer.name} was deleted.")


async def _freezer_form(
    request: Request, form: Form, freezer: Freezer | None = None, status: int = 200
) -> Response:
    choices = await site_choices(request.state.database)
    return render(request, "places/freezer_form.html", status, form=form, freezer=freezer, choices=choices)


async def _ask_to_delete_freezer(
    request: Request, freezer: Freezer, version: int, error: RequestError | None = None
) -> Response:
    return render(
        request,
        "places/freezer_delete.html",
        status_of(error) if error else 200,
        freezer=freezer,
        version=version,
        contents=await store.references_of_freezer(request.state.database, freezer.id),
        was_changed=isinstance(error, PreconditionFailed),
    )


async def _read_freezer(request: Request, ident: int) -> tuple[Freezer, int]:
    found = await store.get_freezer(request.state.database, ident)
    return _freezer.decode(found.body), found.version


PAGES: list[Operation] = [
    page(
        "/ui/sites",
        show_sites,
        "The sites",
        permissions.SITES.to("list"),
        shows=(permissions.SITES.to("create"),),
    ),
    page("/ui/sites.csv", download_sites, "The sites as CSV", permissions.SITES.to("list")),
    page("/ui/sites/new", show_new_site, "The form for a new site", permissions.SITES.to("create")),
    page("/ui/sites/new", add_site, "Add a site", permissions.SITES.to("create"), method="POST"),
    page(
        "/ui/sites/{id}",
        show_site,
        "A site",
        permissions.SITES.to("get"),
        path_type=ById,
        shows=(
            permissions.SITES.to("update"),
            permissions.SITES.to("delete"),
            permissions.FREEZERS.to("create"),
            permissions.COMPUTERS.to("create"),
        ),
    ),
    page(
        "/ui/sites/{id}/edit",
        show_edit_site,
        "The form to change a site",
        permissions.SITES.to("update"),
        path_type=ById,
    ),
    page(
        "/ui/sites/{id}/edit",
        edit_site,
        "Change a site",
        permissions.SITES.to("update"),
        method="POST",
        path_type=ById,
    ),
    page(
        "/ui/sites/{id}/delete",
        show_delete_site,
        "Ask before a site is deleted",
        permissions.SITES.to("delete"),
        path_type=ById,
    ),
    page(
        "/ui/sites/{id}/delete",
        delete_site,
        "Delete a site",
        permissions.SITES.to("delete"),
        method="POST",
        path_type=ById,
    ),
    page(
        "/ui/freezers",
        show_freezers,
        "The freezers",
        permissions.FREEZERS.to("list"),
        shows=(permissions.FREEZERS.to("create"), permissions.SITES.to("create")),
    ),
    page("/ui/freezers.csv", download_freezers, "The freezers as CSV", permissions.FREEZERS.to("list")),
    page(
        "/ui/freezers/new",
        show_new_freezer,
        "The form for a new freezer",
        permissions.FREEZERS.to("create"),
        shows=(permissions.SITES.to("create"),),
    ),
    page(
        "/ui/freezers/new",
        add_freezer,
        "Add a freezer",
        permissions.FREEZERS.to("create"),
        method="POST",
        shows=(permissions.SITES.to("create"),),
    ),
    page(
        "/ui/freezers/{id}",
        show_freezer,
        "A freezer",
        permissions.FREEZERS.to("get"),
        path_type=ById,
        shows=(
            permissions.FREEZERS.to("update"),
            permissions.FREEZERS.to("delete"),
            permissions.CONTAINERS.to("create"),
            permissions.EVENTS.to("create"),
        ),
    ),
    page(
        "/ui/freezers/{id}/edit",
        show_edit_freezer,
        "The form to change a freezer",
        permissions.FREEZERS.to("update"),
        path_type=ById,
        shows=(permissions.SITES.to("create"),),
    ),
    page(
        "/ui/freezers/{id}/edit",
        edit_freezer,
        "Change a freezer",
        permissions.FREEZERS.to("update"),
        method="POST",
        path_type=ById,
        shows=(permissions.SITES.to("create"),),
    ),
    page(
        "/ui/freezers/{id}/delete",
        show_delete_freezer,
        "Ask before a freezer is deleted",
        permissions.FREEZERS.to("delete"),
        path_type=ById,
    ),
    page(
        "/ui/freezers/{id}/delete",
        delete_freezer,
        "Delete a freezer",
        permissions.FREEZERS.to("delete"),
        method="POST",
        path_type=ById,
    ),
]
