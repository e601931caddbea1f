"""The behaviour of the next two older programs, through the Ingress: an event log with notifications, and accounts."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.e2e.cluster import Cluster
from tests.e2e.events import all_processed
from tests.e2e.release import Release

NEW = {"user_id": "ada", "description": "Freezer -20C is at -12 °C"}
UNKNOWN = f"/inventory/events/{uuid.UUID(int=1)}"


def created(ingress: httpx.Client, **fields: str) -> dict[str, Any]:
    answer = ingress.post("/inventory/events/", json={**NEW, **fields})
    assert answer.status_code in {200, 201}
    event: dict[str, Any] = answer.json()
    return event


def test_an_event_is_created_listed_and_read(ingress: httpx.Client) -> None:
    event = created(ingress)
    ident = str(uuid.UUID(event["event_id"]))
    assert event == {"event_id": ident, **NEW, "status": "NotProcessed"}
    all_processed(ingress, {ident})
    done = {**event, "status": "Processed"}
    assert ingress.get(f"/inventory/events/{ident}").json() == done
    assert done in ingress.get("/inventory/events/").json()


@pytest.mark.parametrize("body", [{}, {"user_id": "ada"}, {**NEW, "user_id": 5}, [], "text"])
def test_a_bad_event_is_422(ingress: httpx.Client, body: object) -> None:
    assert ingress.post("/inventory/events/", json=body).status_code == 422


def test_an_event_is_changed_in_any_of_its_fields(ingress: httpx.Client) -> None:
    event = created(ingress)
    path = f"/inventory/events/{event['event_id']}"
    all_processed(ingress, {event["event_id"]})
    answer = ingress.put(path, json={"user_id": "grace", "description": "It is cold again"})
    assert (answer.status_code, answer.json()["user_id"]) == (200, "grace")
    assert ingress.put(path, json={"status": "Processed"}).json() == {
        "event_id": event["event_id"],
        "user_id": "grace",
        "description": "It is cold again",
        "status": "Processed",
    }
    assert ingress.put(path, json={"status": "Done"}).status_code == 422


def test_an_unknown_event_is_404(ingress: httpx.Client) -> None:
    assert ingress.get(UNKNOWN).status_code == 404
    assert ingress.put(UNKNOWN, json={"user_id": "ada"}).status_code == 404


def test_the_event_log_tells_the_time_and_has_documentation(ingress: httpx.Client) -> None:
    now = datetime.fromisoformat(ingress.get("/inventory/ping/").json()["now"])
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)
    documentation = ingress.get("/inventory/docs")
    assert documentation.headers["content-type"].startswith("text/html")
    assert "/events/{event_id}" in documentation.text


def test_events_are_taken_while_the_worker_is_away_and_processed_when_it_is_back(
    cluster: Cluster, release: Release, ingress: httpx.Client
) -> None:
    release.scale("inventory", 0, "worker")
    release.wait()
    events = [created(ingress, description=f"Nobody listens {number}") for number in range(5)]
    assert {event["status"] for event in events} == {"NotProcessed"}
    release.scale("inventory", 1, "worker")
    release.wait()
    all_processed(ingress, {event["event_id"] for event in events})
    worker = release.pod("inventory", "worker")
    printed = {json.loads(line)["event"] for line in cluster.logs(worker, release.namespace)}
    for event in events:
        sentence = f"Event {event['event_id']} has been sent to {event['user_id']}: {event['description']}"
        assert sentence in printed


def test_the_accounts_answer_ping(ingress: httpx.Client) -> None:
    assert ingress.get("/inventory/ping").json() == {"message": "pong!", "status": "success"}


def test_a_user_is_added_once_and_read_back(ingress: httpx.Client) -> None:
    email = f"{uuid.uuid4()}@lab.example"
    user = {"username": "lise", "email": email}
    answer = ingress.post("/inventory/users", json=user)
    assert answer.status_code == 201
    assert answer.json() == {"status": "success", "message": f"{email} was added!"}
    again = ingress.post("/inventory/users", json=user)
    assert again.status_code == 400
    assert again.json() == {"status": "fail", "message": "Sorry. That email already exists."}
    users = ingress.get("/inventory/users").json()
    assert users["status"] == "success"
    (found,) = [one for one in users["data"]["users"] if one["email"] == email]
    assert found == {"id": found["id"], **user, "active": True}
    answer = ingress.get(f"/inventory/users/{found['id']}")
    assert (answer.status_code, answer.json()) == (200, {"status": "success", "data": found})
    assert email in ingress.get("/inventory/admin/users", follow_redirects=True).text


@pytest.mark.parametrize("body", [{}, {"username": "lise"}, {"email": "lise@lab.example"}])
def test_an_incomplete_user_is_400(ingress: httpx.Client, body: dict[str, str]) -> None:
    answer = ingress.post("/inventory/users", json=body)
    assert (answer.status_code, answer.json()) == (400, {"status": "fail", "message": "Invalid payload."})


@pytest.mark.parametrize("ident", ["999999", "blah"])
def test_an_unknown_user_is_404(ingress: httpx.Client, ident: str) -> None:
    answer = ingress.get(f"/inventory/users/{ident}")
    assert (answer.status_code, answer.json()) == (404, {"status": "fail", "message": "User does not exist"})
