"""The page of the services."""

import threading
from typing import Any

import pytest
from tests.status.conftest import Lab, MakeClient
from tests.status.portal.service_server import READY, Reply, as_json

from status.portal import services

DOWN = {"status": "down", "detail": "The server refuses connections."}


def readiness(status: str, code: int = 503, **checks: Any) -> Reply:
    """The response of `/health/ready`."""
    return as_json({"status": status, "checks": checks}, code)


def test_all_services_work(lab: Lab) -> None:
    page = lab.services()
    assert "All services work." in page
    assert page.count("Reaches its database") == 2
    assert page.count("Can write to its database") == 2


def test_each_service_shows_its_version_commit_and_response_time(lab: Lab) -> None:
    page = lab.services()
    assert page.count("1.2.3") == 2
    assert page.count("0123456789ab") == 2
    assert page.count("Response time") == 2
    assert page.count("Development") == 1  # the commit of status itself


def test_the_page_stays_up_to_date(lab: Lab) -> None:
    assert 'data-live="/status/ui/services"' in lab.services()
    assert "All services work." in lab.client.get("/ui/services").text


def test_a_database_that_is_away_is_named(lab: Lab) -> None:
    lab.balances.replies["/health/ready"] = readiness("unready", database=DOWN, writes=DOWN)
    page = lab.services()
    assert "Balances cannot reach its database." in page
    assert "The server refuses connections." in page
    assert "Does not work" in page


def test_a_database_that_is_read_only_is_named(lab: Lab) -> None:
    lab.balances.replies["/health/ready"] = readiness(
        "ready", 200, database={"status": "up"}, writes={"status": "failing", "detail": "It is read-only."}
    )
    page = lab.services()
    assert "Balances cannot write to its database." in page
    assert "Works in part" in page


def test_a_service_that_does_not_answer_is_named(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "DEADLINE", 1.0)
    lab.inventory.say_all(Reply(hold=threading.Event()))
    page = lab.services()
    assert "Inventory does not answer." in page
    assert "No answer" in page


def test_every_service_with_a_problem_is_in_the_sentence(lab: Lab) -> None:
    lab.inventory.say_all(Reply(status=500))
    lab.balances.replies["/health/ready"] = readiness("unready", database=DOWN)
    assert "Inventory does not answer, and balances cannot reach its database." in lab.services()


def test_a_service_that_is_stopping_is_named(lab: Lab) -> None:
    lab.inventory.replies["/health/ready"] = readiness("draining", database={"status": "up"})
    assert "Inventory is stopping." in lab.services()


def test_a_check_that_this_release_does_not_know_is_named(lab: Lab) -> None:
    lab.balances.replies["/health/ready"] = readiness("unready", printer=DOWN)
    assert "Balances reports that printer does not work." in lab.services()


def test_a_service_without_metadata_still_has_a_state(lab: Lab) -> None:
    lab.balances.replies["/metadata"] = Reply(status=500)
    page = lab.services()
    assert "All services work." in page
    assert "The service did not say" in page


def test_html_in_a_report_is_shown_as_text(lab: Lab) -> None:
    lab.balances.replies["/health/ready"] = as_json(
        READY | {"checks": {"<b>": {"status": "down", "detail": "<script>"}}}
    )
    page = lab.services()
    assert "<b>" not in page
    assert "<script>" not in page


def test_without_urls_only_status_itself_is_reported(make_client: MakeClient) -> None:
    page = make_client().get("/ui/").text
    assert "All services that are shown here work." in page
    assert page.count("Not shown here") == 2
