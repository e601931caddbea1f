"""The pages and the original paths need the same as the operations under /v1 that do the same."""

from collections.abc import Mapping, Sequence

import pytest
from tests.inventory.kinds import KINDS, Kind

import inventory.original.routes
from chassis.access.permissions import Permission, permissions_of
from inventory.app import OPERATIONS, PAGES
from inventory.permissions import RESOURCES

NEEDS = {f"{one.method} {one.path}": permissions_of(one.needs) for one in [*OPERATIONS, *PAGES]}


def needed_by(*operations: str) -> set[Permission]:
    return {permission for operation in operations for permission in NEEDS[operation]}


def of_kind(singular: str, plural: str) -> dict[str, list[str]]:
    """The operations of a kind at its original paths, each with those under /v1 that do the same."""
    listing = [f"GET /v1/{plural}"]
    return {
        f"GET /{plural}": listing,
        f"GET /{plural}/": listing,
        f"GET /{plural}/{{offset}}/{{limit}}": listing,
        f"GET /{singular}/{{id}}": [f"GET /v1/{plural}/{{id}}"],
        f"POST /{singular}/{{id}}": [f"POST /v1/{plural}", f"PATCH /v1/{plural}/{{id}}"],
        f"DELETE /{singular}/{{id}}": [f"DELETE /v1/{plural}/{{id}}"],
    }


ORIGINAL: Mapping[str, Sequence[str]] = {
    **of_kind("site", "sites"),
    **of_kind("freezer", "freezers"),
    **of_kind("computer", "computers"),
    **of_kind("container", "containers"),
    "GET /instruments": ["GET /v1/instruments"],
    "GET /instruments/": ["GET /v1/instruments"],
    "GET /users": ["GET /v1/users"],
    "POST /users": ["POST /v1/users"],
    "GET /users/{id}": ["GET /v1/users/{id}"],
    "GET /admin/users": ["GET /v1/users"],
    "GET /events": ["GET /v1/events"],
    "GET /events/": ["GET /v1/events"],
    "POST /events": ["POST /v1/events"],
    "POST /events/": ["POST /v1/events"],
    "GET /events/{event_id}": ["GET /v1/events/{id}"],
    # Under /v1, an event cannot be changed; the pages can
    "PUT /events/{event_id}": ["POST /ui/events/{id}/close", "POST /ui/events/{id}/queue"],
    "GET /ping": [],
    "GET /ping/": [],
}
"""The operations at the original paths, each with those that do the same."""


@pytest.mark.parametrize("operation", ORIGINAL)
def test_an_original_path_needs_the_same_as_its_sibling(operation: str) -> None:
    assert needed_by(operation) == needed_by(*ORIGINAL[operation])


def test_every_original_path_is_compared() -> None:
    assert {f"{one.method} {one.path}" for one in inventory.original.routes.OPERATIONS} == ORIGINAL.keys()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_pages_of_a_kind_need_the_same_as_the_api(kind: Kind) -> None:
    api, ui = f"/v1/{kind.plural}", f"/ui/{kind.pages}"
    siblings = {
        f"GET {ui}": f"GET {api}",
        f"GET {ui}.csv": f"GET {api}",
        f"GET {ui}/new": f"POST {api}",
        f"POST {ui}/new": f"POST {api}",
        f"GET {ui}/{{id}}": f"GET {api}/{{id}}",
        f"GET {ui}/{{id}}/edit": f"PATCH {api}/{{id}}",
        f"POST {ui}/{{id}}/edit": f"PATCH {api}/{{id}}",
        f"GET {ui}/{{id}}/delete": f"DELETE {api}/{{id}}",
        f"POST {ui}/{{id}}/delete": f"DELETE {api}/{{id}}",
    }
    assert {page: needed_by(page) for page in siblings} == {
        page: needed_by(operation) for page, operation in siblings.items()
    }


def test_every_permission_is_needed_by_an_operation() -> None:
    declared = {permission for resource in RESOURCES for permission in resource.permissions.values()}
    assert declared == needed_by(*NEEDS)


def test_only_pings_need_nothing() -> None:
    nothing = {f"{one.method} {one.path}" for one in [*OPERATIONS, *PAGES] if one.needs == "nothing"}
    assert nothing == {"GET /ping", "GET /ping/"}
