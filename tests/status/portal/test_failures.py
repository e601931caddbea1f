"""What the portal shows if a service is slow, broken or not there."""

import threading
import time
from collections.abc import Callable

import pytest
from tests.status.conftest import Lab, MakeClient
from tests.status.portal.service_server import Reply, as_json, fill_inventory, running
from tests.support.processes import free_port

from status.portal import services, shared_answers

DEEP = b"[" * 100_000

FAILURES: dict[str, tuple[Callable[[], Reply], str]] = {
    "hangs": (lambda: Reply(hold=threading.Event()), "Inventory did not answer within 1 s."),
    "answers 500": (lambda: Reply(status=500), "Inventory answered with an error (status 500)."),
    "answers 503 with a reason": (
        lambda: as_json({"detail": "The database cannot be reached."}, 503),
        "Inventory answered with an error (status 503): The database cannot be reached.",
    ),
    "answers 404 with HTML": (
        lambda: Reply(b"<html>", 404),
        "Inventory answered with an error (status 404).",
    ),
    "redirects": (
        lambda: Reply(status=302, headers=(("Location", "/elsewhere"),)),
        "redirect, which is not followed. Check the setting INVENTORY_URL.",
    ),
    "redirects to nonsense": (
        lambda: Reply(status=302, headers=(("Location", "http://[:99999"),)),
        "Inventory answered with a redirect",
    ),
    "sends garbage": (lambda: Reply(b"\xff\x00garbage"), "an answer that this page cannot read"),
    "sends other JSON": (lambda: as_json({"items": 3, "total": "many"}), "this page cannot read"),
    "sends deep JSON": (lambda: Reply(DEEP), "this page cannot read"),
    "sends too much": (
        lambda: Reply(b"x" * 65536, endless=True),
        "Inventory gave an answer of more than 1024 KiB.",
    ),
    "sends compressed JSON": (
        lambda: Reply(b"\x1f\x8b", headers=(("Content-Encoding", "gzip"),)),
        "Inventory gave a compressed answer",
    ),
    "breaks off": (lambda: Reply(b'{"items":', cut=True), "The connection to inventory was lost"),
    "sends a status that does not exist": (lambda: Reply(status=999), "(status 999)"),
}


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until something is true, for at most 20 seconds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("failure", FAILURES)
def test_each_box_of_a_failing_service_says_why_and_the_others_are_shown(
    lab: Lab, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if failure == "hangs":
        monkeypatch.setattr(services, "DEADLINE", 1.0)
    reply, message = FAILURES[failure]
    lab.inventory.say_all(reply())
    page = lab.portal()
    assert page.count(message) >= 2  # the freezers and the events
    assert "Inventory does not answer." in page
    assert "18,377.16 CAD" in page
    assert "Try again" in page


def test_a_service_that_is_not_there_cannot_be_reached(make_client: MakeClient) -> None:
    client = make_client(inventory_url=f"http://127.0.0.1:{free_port()}")
    assert "Inventory cannot be reached." in client.get("/ui/boxes/events").text


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999", "http://[", "http://name.invalid"])
def test_a_url_that_leads_nowhere_is_reported_in_the_box(make_client: MakeClient, url: str) -> None:
    box = make_client(inventory_url=url).get("/ui/boxes/events").text
    assert "Inventory cannot be reached." in box or "The request to inventory failed." in box


def test_a_box_says_when_the_service_last_answered(lab: Lab) -> None:
    lab.inventory.replies["/v1/events"] = Reply(status=500)
    assert "There has been no answer yet" in lab.box("events")
    fill_inventory(lab.inventory)
    assert "Freezer 5 is warm" in lab.box("events")
    lab.inventory.replies["/v1/events"] = Reply(status=500)
    assert "The last answer came" in lab.box("events")


def test_a_box_heals_when_the_service_answers_again(lab: Lab) -> None:
    lab.inventory.say_all(Reply(status=500))
    assert "status 500" in lab.box("freezers")
    fill_inventory(lab.inventory)
    assert "1,412 containers" in lab.box("freezers")


def test_a_slow_answer_makes_only_its_own_box_fail(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "DEADLINE", 1.0)
    lab.inventory.replies["/v1/events"] = Reply(hold=threading.Event())
    page = lab.portal()
    assert "Inventory did not answer within 1 s." in page
    assert "1,412 containers" in page
    assert "All services work." in page


def test_all_questions_of_the_portal_are_asked_at_the_same_time(lab: Lab) -> None:
    hold = threading.Event()
    for server in (lab.inventory, lab.balances):
        server.replies = {path: reply._replace(hold=hold) for path, reply in server.replies.items()}
    pages: list[str] = []
    thread = threading.Thread(target=lambda: pages.append(lab.portal()))
    thread.start()
    wait_until(lambda: lab.inventory.requested.total() == 6 and lab.balances.requested.total() == 3)
    hold.set()
    thread.join()
    assert "All services work." in pages[0]


def test_many_open_pages_ask_a_question_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_answers, "SHARED_SECONDS", 600.0)
    hold = threading.Event()
    lab.inventory.replies["/v1/events"] = lab.inventory.replies["/v1/events"]._replace(hold=hold)
    boxes: list[str] = []
    threads = [threading.Thread(target=lambda: boxes.append(lab.box("events"))) for _ in range(10)]
    for thread in threads:
        thread.start()
    wait_until(lambda: lab.inventory.requested["/v1/events"] > 0)
    hold.set()
    for thread in threads:
        thread.join()
    assert [box for box in boxes if "Freezer 5 is warm" not in box] == []
    assert lab.inventory.requested["/v1/events"] == 1


def test_an_answer_is_used_again_for_a_moment(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_answers, "SHARED_SECONDS", 600.0)
    for _ in range(3):
        lab.portal()
    assert lab.inventory.requested.total() == 6
    assert lab.balances.requested.total() == 3


def test_a_failure_is_used_again_for_a_moment(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_answers, "SHARED_SECONDS", 600.0)
    lab.inventory.say_all(Reply(status=500))
    for _ in range(3):
        assert "status 500" in lab.box("events")
    assert lab.inventory.requested["/v1/events"] == 1


def test_only_the_api_and_the_health_of_the_services_are_requested(lab: Lab) -> None:
    lab.portal()
    lab.services()
    requested = {*lab.inventory.requested, *lab.balances.requested}
    assert requested == {
        "/v1/overview",
        "/v1/events",
        "/v1/notifications",
        "/v1/feeds",
        "/health/ready",
        "/metadata",
    }


def test_connections_are_used_again(lab: Lab) -> None:
    for _ in range(5):
        lab.box("balances")
    assert lab.balances.requested["/v1/feeds"] == 5
    assert lab.balances.connections == 1


def test_a_proxy_in_the_environment_is_not_used(
    monkeypatch: pytest.MonkeyPatch, make_client: MakeClient
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "")
    with running() as inventory:
        fill_inventory(inventory)
        client = make_client(inventory_url=inventory.url)
        assert "1,412 containers" in client.get("/ui/boxes/freezers").text


def test_status_is_ready_while_the_others_are_down(lab: Lab) -> None:
    lab.inventory.say_all(Reply(status=500))
    lab.balances.say_all(Reply(status=500))
    assert lab.client.get("/health/ready").json() == {"status": "ready", "checks": {}}
    assert not lab.inventory.requested
