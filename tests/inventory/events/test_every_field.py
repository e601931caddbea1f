"""Every field of an event is stored when it is created, changed by each way to change it, and read back."""

from typing import Any

import msgspec
from starlette.testclient import TestClient

from inventory.events.event import Event, NewEvent
from inventory.original.events import EventChange, OriginalEvent, OriginalNewEvent


def fields(struct: type[msgspec.Struct]) -> list[str]:
    return [field.name for field in msgspec.structs.fields(struct)]


def test_every_field_of_an_event_is_stored_and_changed(client: TestClient) -> None:
    created: dict[str, Any] = {"user_id": "ada", "description": "It is warm"}
    changed: dict[str, Any] = {"user_id": "grace", "description": "It is cold", "status": "Processed"}
    assert fields(NewEvent) == fields(OriginalNewEvent) == list(created)
    assert fields(EventChange) == ["event_id", *changed]
    original_fields = ["event_id", "user_id", "description", "status"]
    assert fields(OriginalEvent) == original_fields
    for path in ("/v1/events", "/events/"):
        made = client.post(path, json=created).json()
        ident = made.get("event_id") or made["id"]
        event, original = client.get(f"/v1/events/{ident}").json(), client.get(f"/events/{ident}").json()
        assert list(event) == fields(Event)
        assert list(original) == original_fields
        assert made in (event, original)
        assert created.items() <= event.items()
        assert created.items() <= original.items()
        for name, value in changed.items():
            response = client.put(f"/events/{ident}", json={name: value})
            original |= {name: value}
            assert response.json() == client.get(f"/events/{ident}").json() == original
        assert changed.items() <= client.get(f"/v1/events/{ident}").json().items()
