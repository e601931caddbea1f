"""The original paths store and return the fields that the original programs had, and no others."""

from typing import Any

import msgspec
from starlette.testclient import TestClient
from tests.inventory.kinds import USER, Kind

from inventory.original import computers, containers, freezers, sites, users

FIELDS = {
    "site": ["id", "name", "contact", "address", "state_or_region", "country", "postcode_or_zip"],
    "freezer": ["id", "name", "site_id"],
    "computer": ["id", "name", "mac", "site_id"],
    "container": ["id", "uuid", "description", "freezer_id"],
}
"""What the clients of the original programs know. It does not grow with the fields under /v1."""

STRUCTS: dict[str, tuple[type[msgspec.Struct], type[msgspec.Struct]]] = {
    "site": (sites.OriginalSite, sites.OriginalSiteFields),
    "freezer": (freezers.OriginalFreezer, freezers.OriginalFreezerFields),
    "computer": (computers.OriginalComputer, computers.OriginalComputerFields),
    "container": (containers.OriginalContainer, containers.OriginalContainerFields),
}


def fields(struct: type[msgspec.Struct]) -> list[str]:
    return [field.name for field in msgspec.structs.fields(struct)]


def test_the_original_path_knows_its_own_fields_only(thing: Kind) -> None:
    returned, sent = STRUCTS[thing.name]
    assert fields(returned) == FIELDS[thing.name]
    assert fields(sent) == ["id", f"{thing.name}_id", *FIELDS[thing.name][1:]]


def test_every_field_is_written_at_the_original_path_and_read_back(client: TestClient, thing: Kind) -> None:
    name, plural = thing.name, thing.plural
    known = [field for field in thing.created if field in FIELDS[name]]
    for given in (thing.created, thing.changed):
        body = {field: given[field] for field in known}
        answer = client.post(f"/{name}/77", json=body)
        assert list(answer.json()) == FIELDS[name]
        assert answer.json() == {"id": 77, **body}
        assert client.get(f"/{name}/77").json() == answer.json()
        assert client.get(f"/{plural}").json()[-1] == answer.json()
        assert body.items() <= client.get(f"/v1/{plural}/77").json().items()
    for field in known:
        answer = client.post(f"/{name}/77", json={field: thing.created[field]})
        assert answer.json() == client.get(f"/{name}/77").json()
        assert answer.json()[field] == thing.created[field]
    expected = {"id": 77, **{field: thing.created[field] for field in known}}
    assert client.delete(f"/{name}/77").json() == expected


def test_every_field_of_a_user_is_read_at_its_original_path(client: TestClient) -> None:
    created: dict[str, Any] = USER.created
    assert fields(users.OriginalNewUser) == ["username", "email"]
    ident = client.post("/v1/users", json=created).json()["id"]
    expected = {"id": ident, **{name: created[name] for name in ("username", "email", "active")}}
    assert client.get(f"/users/{ident}").json()["data"] == expected
    assert client.get("/users").json()["data"]["users"][-1] == expected
