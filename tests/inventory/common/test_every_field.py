"""Every field that a kind declares is stored when it is created, changed by each way to change it, and read back."""

from typing import Any, NamedTuple

import msgspec
import pytest
from starlette.testclient import TestClient

from inventory.events import routes as events
from inventory.kinds import THINGS, USERS
from inventory.original import events as legacy_events
from inventory.original import users as legacy_users
from inventory.original.fields import LEGACY_THINGS
from inventory.resource import Resource, patch_type, stored_type

KINDS = {resource.kind: resource for resource in (*THINGS, USERS)}
LEGACY = {kind.resource.kind: kind for kind in LEGACY_THINGS}


class Values(NamedTuple):
    """A value for each field of a kind, none of them its default, and another one for each."""

    created: dict[str, object]
    changed: dict[str, object]


VALUES = {
    "site": Values(
        {
            "name": "Annex",
            "contact": "Grace",
            "address": "2 Muffin Lane",
            "state_or_region": "NH",
            "country": "NL",
            "postcode_or_zip": "1011 AB",
        },
        {
            "name": "Attic",
            "contact": "Lise",
            "address": "3 Muffin Lane",
            "state_or_region": "WA",
            "country": "SE",
            "postcode_or_zip": "118 00",
        },
    ),
    "freezer": Values({"name": "-80C", "site_id": 2}, {"name": "-81C", "site_id": 3}),
    "computer": Values(
        {"name": "Scope", "mac": "aa:bb:cc:dd:ee:ff", "site_id": 2},
        {"name": "Mass", "mac": "aa:bb:cc:dd:ee:00", "site_id": 3},
    ),
    "container": Values(
        {"uuid": "0b7e4f4e-3c9a-4b1e-8f55-6d2f6a2c9f10", "description": "Buffer", "freezer_id": 2},
        {"uuid": "0b7e4f4e-3c9a-4b1e-8f55-6d2f6a2c9f11", "description": "Empty", "freezer_id": 1},
    ),
    "user": Values(
        {"username": "lise", "email": "lise@example.org", "active": False},
        {"username": "meitner", "email": "meitner@example.org", "active": True},
    ),
}

# What the original programs' clients know. It does not grow with what /v1 gets.
ORIGINAL = {
    "site": ["id", "name", "contact", "address", "state_or_region", "country", "postcode_or_zip"],
    "freezer": ["id", "name", "site_id"],
    "computer": ["id", "name", "mac", "site_id"],
    "container": ["id", "uuid", "description", "freezer_id"],
}


def fields(kind: type[msgspec.Struct]) -> list[str]:
    return [field.name for field in msgspec.structs.fields(kind)]


@pytest.fixture(params=list(KINDS))
def resource(request: pytest.FixtureRequest) -> Resource:
    """Each kind that has a collection under /v1."""
    return KINDS[request.param]


@pytest.fixture(params=list(LEGACY))
def kind(request: pytest.FixtureRequest) -> Any:
    """The name of each kind that has original paths."""
    return request.param


def test_each_field_of_a_kind_is_tried_here(resource: Resource) -> None:
    values = VALUES[resource.kind]
    declared = fields(resource.new)
    assert list(values.created) == list(values.changed) == declared == fields(patch_type(resource))
    assert fields(stored_type(resource)) == ["id", *declared, "created_at", "updated_at"]
    for field in msgspec.structs.fields(resource.new):
        first, second = values.created[field.name], values.changed[field.name]
        assert None not in (first, second)
        assert field.default != first != second


def test_every_field_is_created_and_read_back(client: TestClient, resource: Resource) -> None:
    created = VALUES[resource.kind].created
    answer = client.post(f"/v1/{resource.plural}", json=created)
    assert list(answer.json()) == fields(stored_type(resource))
    assert created.items() <= answer.json().items()
    assert client.get(answer.headers["location"]).json() == answer.json()
    assert client.get(f"/v1/{resource.plural}?limit=1000").json()["items"][-1] == answer.json()


def test_every_field_is_patched_by_itself_and_read_back(client: TestClient, resource: Resource) -> None:
    values = VALUES[resource.kind]
    place = client.post(f"/v1/{resource.plural}", json=values.created).headers["location"]
    expected = client.get(place).json()
    for name, value in values.changed.items():
        answer = client.patch(place, json={name: value}, headers={"If-Match": "*"})
        expected |= {name: value, "updated_at": answer.json()["updated_at"]}
        assert answer.json() == expected
        assert client.get(place).json() == expected


def test_every_field_is_patched_at_once_and_read_back(client: TestClient, resource: Resource) -> None:
    values = VALUES[resource.kind]
    place = client.post(f"/v1/{resource.plural}", json=values.created).headers["location"]
    client.patch(place, json=values.changed, headers={"If-Match": "*"})
    assert values.changed.items() <= client.get(place).json().items()


def test_the_original_path_knows_its_own_fields_only(kind: str) -> None:
    legacy = LEGACY[kind]
    assert fields(legacy.answered) == ORIGINAL[kind]
    assert fields(legacy.written) == ["id", f"{kind}_id", *ORIGINAL[kind][1:]]


def test_every_field_is_written_at_the_original_path_and_read_back(client: TestClient, kind: str) -> None:
    values = VALUES[kind]
    known = [name for name in values.created if name in ORIGINAL[kind]]
    for given in (values.created, values.changed):
        body = {name: given[name] for name in known}
        answer = client.post(f"/{kind}/77", json=body)
        assert list(answer.json()) == ORIGINAL[kind]
        assert answer.json() == {"id": 77, **body}
        assert client.get(f"/{kind}/77").json() == answer.json()
        assert client.get(f"/{KINDS[kind].plural}").json()[-1] == answer.json()
        assert body.items() <= client.get(f"/v1/{KINDS[kind].plural}/77").json().items()
    for name in known:
        answer = client.post(f"/{kind}/77", json={name: values.created[name]})
        assert answer.json() == client.get(f"/{kind}/77").json()
        assert answer.json()[name] == values.created[name]
    assert client.delete(f"/{kind}/77").json() == {"id": 77, **{name: values.created[name] for name in known}}


def test_every_field_of_a_user_is_read_at_its_original_path(client: TestClient) -> None:
    created = VALUES["user"].created
    assert fields(legacy_users.OriginalNewUser) == ["username", "email"]
    ident = client.post("/v1/users", json=created).json()["id"]
    expected = {"id": ident, **{name: created[name] for name in ("username", "email", "active")}}
    assert client.get(f"/users/{ident}").json()["data"] == expected
    assert client.get("/users").json()["data"]["users"][-1] == expected


def test_every_field_of_an_event_is_stored_and_changed(client: TestClient) -> None:
    created: dict[str, Any] = {"user_id": "ada", "description": "It is warm"}
    changed: dict[str, Any] = {"user_id": "grace", "description": "It is cold", "status": "Processed"}
    assert fields(events.NewEvent) == fields(legacy_events.OriginalNewEvent) == list(created)
    assert fields(legacy_events.EventChange) == ["event_id", *changed]
    original = ["event_id", "user_id", "description", "status"]
    assert fields(legacy_events.OriginalEvent) == original
    for path in ("/v1/events", "/events/"):
        made = client.post(path, json=created).json()
        ident = made.get("event_id") or made["id"]
        event, legacy = client.get(f"/v1/events/{ident}").json(), client.get(f"/events/{ident}").json()
        assert list(event) == fields(events.Event)
        assert list(legacy) == original
        assert made in (event, legacy)
        assert created.items() <= event.items()
        assert created.items() <= legacy.items()
        for name, value in changed.items():
            answer = client.put(f"/events/{ident}", json={name: value})
            legacy |= {name: value}
            assert answer.json() == client.get(f"/events/{ident}").json() == legacy
        assert changed.items() <= client.get(f"/v1/events/{ident}").json().items()
