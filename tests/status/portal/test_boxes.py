"""The boxes of the portal: what they show of the services' answers."""

from typing import Any

import pytest
from tests.status.conftest import Lab, MakeClient
from tests.status.portal.service_server import as_json, event, feed

BOXES = ("freezers", "balances", "events", "services")


def test_the_portal_has_every_box_with_its_content_and_where_it_stays_up_to_date(lab: Lab) -> None:
    page = lab.portal()
    for name in BOXES:
        assert f'data-live="/status/ui/boxes/{name}"' in page
    for text in ("1,412 containers", "18,377.16 CAD", "Freezer 5 is warm", "All services work."):
        assert text in page


def test_the_portal_says_what_benchtop_is(lab: Lab) -> None:
    assert "Benchtop is the back office of a small lab" in lab.portal()


def test_a_box_is_the_same_on_the_portal_and_by_itself(lab: Lab) -> None:
    page = lab.portal()
    assert "".join(lab.box("freezers").split()) in "".join(page.split())


@pytest.mark.parametrize("path", ["/ui/boxes/unknown", "/ui/boxes/", "/ui/parts"])
def test_an_unknown_page_is_404(lab: Lab, path: str) -> None:
    assert lab.client.get(path).status_code == 404


def test_freezers_links_to_each_freezer_and_to_all_of_them(lab: Lab) -> None:
    box = lab.box("freezers")
    assert 'href="/inventory/ui/freezers/6"' in box
    assert 'href="/inventory/ui/containers?freezer_id=6"' in box
    assert "106 containers" in box
    assert "Show all 8 freezers" in box


def test_freezers_says_what_to_do_first_if_there_are_none(lab: Lab) -> None:
    lab.inventory.replies["/v1/overview"] = as_json({"containers": 0, "freezers": 0, "fullest_freezers": []})
    assert "There is no freezer yet" in lab.box("freezers")


def test_freezers_links_the_number_of_containers_to_their_list(lab: Lab) -> None:
    assert '<a href="/inventory/ui/containers">1,412 containers</a>' in lab.box("freezers")


def test_an_event_whose_notification_was_delivered_says_who_was_notified_and_has_no_tag(lab: Lab) -> None:
    lab.inventory.replies["/v1/events"] = as_json({"items": [event(1, "Processed")]})
    box = lab.box("events")
    assert "Written to the log for <bdi>ada</bdi>" in box
    assert "tag" not in box


def test_an_event_whose_notification_waits_is_marked(lab: Lab) -> None:
    lab.inventory.replies["/v1/events"] = as_json({"items": [event(1, "NotProcessed")]})
    box = lab.box("events")
    assert "Not notified yet" in box
    assert "Written to the log" not in box


def test_an_event_that_was_closed_does_not_say_that_somebody_was_notified(lab: Lab) -> None:
    lab.inventory.replies["/v1/events"] = as_json({"items": [event(1, "Processed")]})
    lab.inventory.notifications("cancelled", [event(1)["id"]])
    box = lab.box("events")
    assert "Closed" in box
    assert "Written to the log" not in box


def test_a_state_of_an_event_that_this_release_does_not_know_is_shown(lab: Lab) -> None:
    lab.inventory.replies["/v1/events"] = as_json({"items": [event(1, "Postponed")]})
    assert "Postponed" in lab.box("events")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "1 notification could not be delivered. "),
        (2, "2 notifications could not be delivered. "),
    ],
)
def test_events_begin_with_the_notifications_that_could_not_be_delivered(
    lab: Lab, number: int, words: str
) -> None:
    assert "could not be delivered" not in lab.box("events")
    lab.inventory.notifications("dead", [event(9)["id"]], total=number)
    box = lab.box("events")
    assert words + '<a href="/inventory/ui/notifications?state=dead">' in box
    assert box.index(words) < box.index("Freezer 5 is warm")


def test_events_say_what_to_do_first_if_there_are_none(lab: Lab) -> None:
    lab.inventory.replies["/v1/events"] = as_json({"items": []})
    assert "Nothing has been recorded yet" in lab.box("events")


def test_hostile_text_of_an_event_is_shown_as_text(lab: Lab) -> None:
    hostile = event(1, description="<script>alert(1)</script>" + "x" * 10_000, user_id='"><img src=x>')
    lab.inventory.replies["/v1/events"] = as_json({"items": [hostile]})
    box = lab.box("events")
    assert "<script>" not in box
    assert "<img" not in box
    assert len(box) < 2_000


def balances(lab: Lab, **reading: Any) -> str:
    """The box with these changes of the feed's reading."""
    one = feed()
    one["reading"] |= reading
    lab.balances.replies["/v1/feeds"] = as_json({"items": [one]})
    return lab.box("balances")


def test_balances_shows_the_total_with_its_age_and_proof(lab: Lab) -> None:
    box = balances(lab)
    assert "18,377.16 CAD" in box
    assert 'datetime="2026-11-26T10:00:00Z"' in box
    assert "All 38 transactions" in box


def test_balances_shows_the_total_without_possible_duplicates_if_it_is_another_one(lab: Lab) -> None:
    assert "possible duplicates" not in balances(lab)
    assert "20,262.81 CAD" in balances(lab, total_if_repeats_removed="20262.81")


def test_balances_mentions_transactions_that_are_not_booked(lab: Lab) -> None:
    assert "2 transactions not booked" in balances(lab, pending_transactions=2)


@pytest.mark.parametrize("amount", ["", "many", "NaN", "1e999999999999999999999"])
def test_an_amount_that_is_no_number_is_reported_in_the_box(lab: Lab, amount: str) -> None:
    assert "Balances gave an amount that is no number." in balances(lab, total=amount)


def test_balances_warns_that_the_last_refresh_failed(lab: Lab) -> None:
    failed = {
        "outcome": "unreachable",
        "finished_at": "2026-11-26T10:00:00Z",
        "seconds": 1,
        "detail": "page 2: no response within 10 s",
    }
    lab.balances.replies["/v1/feeds"] = as_json({"items": [feed(last_refresh=failed)]})
    box = lab.box("balances")
    assert "The last refresh failed" in box
    assert "page 2: no response within 10 s" in box
    assert "18,377.16 CAD" in box


def test_balances_says_that_a_feed_was_not_read_yet(lab: Lab) -> None:
    lab.balances.replies["/v1/feeds"] = as_json({"items": [feed(reading=None, last_refresh=None)]})
    assert "This feed has not been read yet" in lab.box("balances")


def test_balances_names_the_feeds_if_there_are_several(lab: Lab) -> None:
    lab.balances.replies["/v1/feeds"] = as_json({"items": [feed(f"bank {n}") for n in range(5)]})
    box = lab.box("balances")
    assert "bank 2" in box
    assert "bank 3" not in box
    assert "Show all 5 feeds" in box


def test_balances_says_that_no_feed_is_configured(lab: Lab) -> None:
    lab.balances.replies["/v1/feeds"] = as_json({"items": []})
    assert "No feed of a bank is configured" in lab.box("balances")


def test_a_service_without_a_url_is_not_asked_and_the_box_says_so(make_client: MakeClient) -> None:
    client = make_client()
    assert "This installation shows nothing of inventory here" in client.get("/ui/boxes/freezers").text
    assert "This installation shows nothing of balances here" in client.get("/ui/boxes/balances").text
    assert "This installation does not ask it" in client.get("/ui/boxes/services").text


def test_links_lead_to_the_services_own_hosts(lab: Lab, make_client: MakeClient) -> None:
    client = make_client(
        inventory_url=lab.inventory.url,
        inventory_link="https://inventory.lab.example",
        status_link="https://status.lab.example",
        path_prefix="",
    )
    box = client.get("/ui/boxes/freezers").text
    assert 'href="https://inventory.lab.example/ui/freezers/8"' in box
    page = client.get("/", headers={"Accept": "text/html"}).text
    assert 'href="https://status.lab.example/"' in page
    assert 'data-live="/ui/boxes/freezers"' in page
