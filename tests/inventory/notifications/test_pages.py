"""The pages of notifications: their attempts, and sending one again."""

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.support.html_page import HtmlPage

Sql = Callable[..., list[tuple[Any, ...]]]

UI = "/inventory/ui/notifications"


def open_page(client: TestClient, path: str) -> HtmlPage:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return HtmlPage(response.text)


def send(client: TestClient, path: str, fields: Mapping[str, str], status: int = 303) -> str:
    response = client.post(path, data=dict(fields), follow_redirects=False)
    assert response.status_code == status, response.text
    return response.headers["location"] if status == 303 else response.text


def record(client: TestClient, description: str = "It is warm", user_id: str = "ada") -> tuple[str, str]:
    """Record an event by the API; return its id and the path of the page of its notification."""
    event = client.post("/v1/events", json={"user_id": user_id, "description": description}).json()["id"]
    found = client.get("/v1/notifications", params={"event_id": event}).json()
    return event, f"{UI}/{found['items'][0]['id']}"


def finish(sql: Sql, state: str) -> None:
    sql(
        "update notification set state = %s, attempts = 8, last_error = 'No route', finished_at = now()",
        state,
    )


def test_the_list_shows_the_newest_notification_first(client: TestClient) -> None:
    for number in range(3):
        record(client, f"Number {number}")
    text = open_page(client, UI).text
    assert text.index("Number 2") < text.index("Number 1") < text.index("Number 0")
    text = open_page(client, f"{UI}?sort=id").text
    assert text.index("Number 0") < text.index("Number 2")


def test_a_row_shows_attempts_and_last_error_and_links_to_event_and_person(
    client: TestClient, sql: Sql
) -> None:
    event, path = record(client)
    finish(sql, "dead")
    shown = open_page(client, UI)
    assert {path, f"/inventory/ui/events/{event}", "/inventory/ui/people/1"} <= set(shown.links)
    assert "Not delivered" in shown.text
    assert "No route" in shown.text


@pytest.mark.parametrize("state", ["pending", "delivered", "dead", "cancelled"])
def test_the_list_is_filtered_by_state(client: TestClient, sql: Sql, state: str) -> None:
    other = "delivered" if state == "pending" else "pending"
    record(client, "This one")
    record(client, "That one")
    for description, wanted in (("This one", state), ("That one", other)):
        if wanted != "pending":
            sql(
                "update notification set state = %s, finished_at = now()"
                " where event_id = (select id from event where description = %s)",
                wanted,
                description,
            )
    text = open_page(client, f"{UI}?state={state}").text
    assert "This one" in text
    assert "That one" not in text


def test_the_list_can_show_the_notifications_of_one_event(client: TestClient) -> None:
    event, _ = record(client, "This one")
    record(client, "That one")
    shown = open_page(client, f"{UI}?event_id={event}")
    assert "This one" in shown.text
    assert "That one" not in shown.text
    assert "Only the notifications of one event are shown." in shown.text


def test_the_list_says_how_many_could_not_be_delivered_unless_it_shows_them(
    client: TestClient, sql: Sql
) -> None:
    record(client)
    record(client)
    finish(sql, "dead")
    assert "2 notifications could not be delivered." in open_page(client, UI).text
    assert "could not be delivered" not in open_page(client, f"{UI}?state=dead").text


def test_an_empty_list_says_what_makes_a_notification(empty: TestClient) -> None:
    assert "There is no notification yet" in open_page(empty, UI).text


def test_a_filter_without_a_match_says_so(client: TestClient) -> None:
    record(client)
    assert "No notification matches" in open_page(client, f"{UI}?state=dead").text


def test_a_notification_that_waits_is_kept_up_to_date_and_cannot_be_sent_again(
    client: TestClient, sql: Sql
) -> None:
    _, path = record(client)
    shown = client.get(path).text
    assert f'data-live="{path}/delivery"' in shown
    assert path in HtmlPage(shown).links, "without scripts, a link reloads the page"
    assert "Send again" not in shown
    finish(sql, "delivered")
    part = client.get(f"{path}/delivery").text
    assert "Delivered" in part
    assert "data-final" in part
    assert "data-live" not in client.get(path).text


@pytest.mark.parametrize("state", ["delivered", "dead", "cancelled"])
def test_a_notification_is_sent_again_with_one_click(client: TestClient, sql: Sql, state: str) -> None:
    _, path = record(client)
    finish(sql, state)
    assert send(client, f"{path}/replay", open_page(client, path).fields) == path
    assert sql("select state, attempts from notification") == [("pending", 0)]
    assert "The notification is sent again." in open_page(client, path).text


def test_a_double_click_sends_a_notification_again_once(client: TestClient, sql: Sql) -> None:
    _, path = record(client)
    finish(sql, "dead")
    form = open_page(client, path).fields
    send(client, f"{path}/replay", form)
    finish(sql, "delivered")
    send(client, f"{path}/replay", form)
    assert sql("select state from notification") == [("delivered",)]


def test_a_page_that_is_out_of_date_says_that_the_notification_waits_already(
    client: TestClient, sql: Sql
) -> None:
    _, path = record(client)
    finish(sql, "dead")
    form = open_page(client, path).fields
    client.post(f"/v1{path.removeprefix('/inventory/ui')}:replay")
    shown = HtmlPage(send(client, f"{path}/replay", form, status=409))
    assert "because it is waiting already" in shown.text


@pytest.mark.parametrize("ident", ["999", "0", "x"])
def test_an_unknown_notification_is_404(client: TestClient, ident: str) -> None:
    assert client.get(f"{UI}/{ident}").status_code == 404
    assert client.get(f"{UI}/{ident}/delivery").status_code == 404
    send(client, f"{UI}/{ident}/replay", {"key": "1"}, status=404)


def test_markup_in_an_error_is_shown_as_text(client: TestClient, sql: Sql) -> None:
    evil = "<script>alert('x')</script>"
    _, path = record(client, evil, evil)
    sql("update notification set last_error = %s", evil)
    for page in (UI, path):
        response = client.get(page).text
        assert "<script>alert" not in response
        assert HtmlPage(response).text.count(evil) == 3


def test_the_list_as_csv_has_every_notification_of_the_filter(client: TestClient, sql: Sql) -> None:
    record(client)
    finish(sql, "dead")
    record(client)
    rows = list(csv.DictReader(io.StringIO(client.get(f"{UI}.csv?state=dead").content.decode("utf-8-sig"))))
    assert [(row["state"], row["attempts"]) for row in rows] == [("dead", "8")]
    assert rows[0].keys() == client.get("/v1/notifications").json()["items"][0].keys()
