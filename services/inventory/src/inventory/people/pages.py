"""The pages of people: the accounts."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from chassis.access.caller import rights_of
from chassis.database.connection import Connection
from chassis.errors import Conflict, PreconditionFailed, RequestError
from chassis.pages.forms import CHECKED, read_form
from chassis.pages.lists import ListView
from chassis.pages.messages import redirect
from chassis.pages.queries import page_query
from chassis.pages.rendering import page_path, render
from chassis.web.operations import Operation, page
from chassis.web.pagination import Page
from chassis.web.problem import status_of
from inventory import permissions
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
from inventory.common.own_account import own_account
from inventory.common.representation import Representation
from inventory.people import identities, store
from inventory.people.user import NewUser, User, UserFilters, UserPatch

_user = msgspec.json.Decoder(User)
_users = msgspec.json.Decoder(Page[User])

NEEDED_OF_PERSON = {"username": "Write the username.", "email": "Write the e-mail address."}


async def show_people(request: Request) -> Response:
    """`GET /ui/people`."""
    query = msgspec.structs.replace(page_query(request, UserFilters, sort="username"), total=True)
    found = _users.decode(await store.list_users(request.state.database, query))
    path = page_path(request, "/ui/people")
    view = ListView(path, query, found.items, found.next, found.total)
    return render(request, "people/person_list.html", view=view, own=own_account(request))


async def download_people(request: Request) -> Response:
    """`GET /ui/people.csv`."""
    query = page_query(request, UserFilters)

    async def read(part: UserFilters) -> bytes:
        return await store.list_users(request.state.database, part)

    return await respond_list("people", User, query, read)


async def show_new_person(request: Request) -> Response:
    """`GET /ui/people/new`."""
    return render(request, "people/person_form.html", form=new_form({"active": CHECKED}), person=None)


async def add_person(request: Request) -> Response:
    """`POST /ui/people/new`."""
    values = await read_form(request)
    try:
        new = convert_complete(values, NewUser, NEEDED_OF_PERSON)

        async def create(connection: Connection) -> Representation:
            return await store.create_user(connection, new)

        ident = await create_from_form(request, values, new, create)
        request.state.admission.forget()
    except Correctable as error:
        form = corrected(values, error)
        return render(request, "people/person_form.html", status_of(error), form=form, person=None)
    return redirect(request, f"/ui/people/{ident}", f"The account of {new.username} was added.")


async def show_person(request: Request, path: ById) -> Response:
    """`GET /ui/people/{id}`."""
    database = request.state.database
    person, _ = await _read_person(request, path.id)
    own = own_account(request).account
    sees_link = rights_of(request)("update", "users")
    return render(
        request,
        "people/person_show.html",
        person=person,
        events=await store.events_of_user(database, person.username),
        link=await identities.link_of(database, path.id) if sees_link else None,
        is_own=own is not None and own.id == path.id,
    )


async def show_edit_person(request: Request, path: ById) -> Response:
    """`GET /ui/people/{id}/edit`."""
    person, version = await _read_person(request, path.id)
    return render(request, "people/person_form.html", form=stored_form(person, version), person=person)


async def edit_person(request: Request, path: ById) -> Response:
    """`POST /ui/people/{id}/edit`."""
    values = {"active": "", **await read_form(request)}  # a checkbox that is not checked is not sent
    try:
        changes = convert_complete(values, UserPatch, NEEDED_OF_PERSON)
        versions = shown_version(values)
        changed = await store.patch_user(request.state.database, path.id, versions, changes)
        request.state.admission.forget()
    except (*Correctable, PreconditionFailed) as error:
        person, version = await _read_person(request, path.id)
        form = failed_change(values, error, person, version, "account")
        return render(request, "people/person_form.html", status_of(error), form=form, person=person)
    person = _user.decode(changed.body)
    return redirect(
        request, f"/ui/people/{path.id}", f"The changes of the account of {person.username} were saved."
    )


async def activate_person(request: Request, path: ById) -> Response:
    """`POST /ui/people/{id}/activate`."""
    return await _set_active(request, path.id, active=True)


async def deactivate_person(request: Request, path: ById) -> Response:
    """`POST /ui/people/{id}/deactivate`."""
    return await _set_active(request, path.id, active=False)


async def unlink_person(request: Request, path: ById) -> Response:
    """`POST /ui/people/{id}/unlink`."""
    person, _ = await _read_person(request, path.id)
    was_linked = await identities.unlink(request.state.database, path.id)
    request.state.admission.forget()
    message = f"The sign-in of {person.username} is no longer linked to this account." if was_linked else ""
    return redirect(request, f"/ui/people/{path.id}", message)


async def show_delete_person(request: Request, path: ById) -> Response:
    """`GET /ui/people/{id}/delete`."""
    person, version = await _read_person(request, path.id)
    return await _ask_to_delete_person(request, person, version)


async def delete_person(request: Request, path: ById) -> Response:
    """`POST /ui/people/{id}/delete`."""
    values = await read_form(request)
    person, version = await _read_person(request, path.id)
    try:
        await store.delete_user(request.state.database, path.id, shown_version(values))
        request.state.admission.forget()
    except (Conflict, PreconditionFailed) as error:
        return await _ask_to_delete_person(request, person, version, error)
    return redirect(request, "/ui/people", f"The account of {person.username} was deleted.")


async def _set_active(request: Request, ident: int, *, active: bool) -> Response:
    changed = await store.patch_user(request.state.database, ident, None, UserPatch(active=active))
    request.state.admission.forget()
    username = _user.decode(changed.body).username
    did = "activated" if active else "deactivated"
    return redirect(request, f"/ui/people/{ident}", f"The account of {username} was {did}.")


async def _ask_to_delete_person(
    request: Request, person: User, version: int, error: RequestError | None = None
) -> Response:
    return render(
        request,
        "people/person_delete.html",
        status_of(error) if error else 200,
        person=person,
        version=version,
        events=await store.events_of_user(request.state.database, person.username),
        is_linked=await identities.link_of(request.state.database, person.id) is not None,
        was_changed=isinstance(error, PreconditionFailed),
    )


async def _read_person(request: Request, ident: int) -> tuple[User, int]:
    found = await store.get_user(request.state.database, ident)
    return _user.decode(found.body), found.version


PAGES: list[Operation] = [
    page(
        "/ui/people",
        show_people,
        "The people",
        permissions.USERS.to("list"),
        shows=(permissions.USERS.to("create"),),
    ),
    page("/ui/people.csv", download_people, "The people as CSV", permissions.USERS.to("list")),
    page("/ui/people/new", show_new_person, "The form for a new account", permissions.USERS.to("create")),
    page("/ui/people/new", add_person, "Add an account", permissions.USERS.to("create"), method="POST"),
    page(
        "/ui/people/{id}",
        show_person,
        "A person",
        permissions.USERS.to("get"),
        path_type=ById,
        shows=(
            permissions.USERS.to("update"),
            permissions.USERS.to("delete"),
            permissions.EVENTS.to("create"),
        ),
    ),
    page(
        "/ui/people/{id}/edit",
        show_edit_person,
        "The form to change an account",
        permissions.USERS.to("update"),
        path_type=ById,
    ),
    page(
        "/ui/people/{id}/edit",
        edit_person,
        "Change an account",
        permissions.USERS.to("update"),
        method="POST",
        path_type=ById,
    ),
    page(
        "/ui/people/{id}/activate",
        activate_person,
        "Activate an account",
        permissions.USERS.to("update"),
        method="POST",
        path_type=ById,
    ),
    page(
        "/ui/people/{id}/deactivate",
        deactivate_person,
        "Deactivate an account",
        permissions.USERS.to("update"),
        method="POST",
        path_type=ById,
    ),
    page(
        "/ui/people/{id}/unlink",
        unlink_person,
        "Remove the link between an account and a sign-in",
        permissions.USERS.to("update"),
        method="POST",
        path_type=ById,
    ),
    page(
        "/ui/people/{id}/delete",
        show_delete_person,
        "Ask before an account is deleted",
        permissions.USERS.to("delete"),
        path_type=ById,
    ),
    page(
        "/ui/people/{id}/delete",
        delete_person,
        "Delete an account",
        permissions.USERS.to("delete"),
        method="POST",
        path_type=ById,
    ),
]
