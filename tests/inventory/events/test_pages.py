"""The pages of events: record one, see its delivery, close it, and send it again."""

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.support.html_page import HtmlPage

Sql = Callable[..., list[tuple[Any, ...]]]

UI = "/inventory/ui/events"
NOBODY = "0b7e4f4e-3c9a-4b1e-8f55-6d2f6a2c9f10"
STATES = {"pending": "Waiting", "delivered": "Delivered", "dead": "Not delivered", "cancelled": "Closed"}


def open_page(client: TestClient, path: str) -> HtmlPage:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return HtmlPage(response.text)


def send(client: TestClient, path: str, fields: Mapping[str, str], status: int = 303) -> str:
    response = client.post(path, data=dict(fields), follow_redirects=False)
    assert response.status_code == status, response.text
    return response.headers["location"] if status == 303 else response.text


def record(client: TestClient, user_id: str = "ada", description: str = "It is warm") -> str:
    """Record an event by the API; return the path of its page."""
    event = client.post("/v1/events", json={"user_id": user_id, "description": description}).json()
    return f"{UI}/{event['id']}"


def finish(sql: Sql, state: str) -> None:
    sql(
        "update notification set state = %s, attempts = 8, last_error = 'No route', finished_at = now()",
        state,
    )


def test_the_form_offers_the_people_with_an_active_account_and_somebody_else(
    client: TestClient, sql: Sql
) -> None:
    sql("update account set active = false where username = 'grace'")
    shown = open_page(client, f"{UI}/new")
    assert "ada" in shown.text
    assert "grace" not in shown.text
    assert shown.fields.keys() >= {"person", "user_id", "description"}


def test_the_form_can_be_opened_for_one_person(client: TestClient) -> None:
    assert open_page(client, f"{UI}/new?person=2").fields["person"] == "2"


def test_the_form_can_be_opened_for_what_the_event_is_about(client: TestClient) -> None:
    form = open_page(client, f"{UI}/new?about=-20C+(Site+1)").fields
    assert form["description"].removesuffix("\n") == "-20C (Site 1): "


@pytest.mark.parametrize(
    ("typed", "user_id"),
    [
        ({"person": "1", "user_id": "ignored"}, "ada"),
        ({"person": "other", "user_id": "the caretaker"}, "the caretaker"),
    ],
)
def test_an_event_is_recorded_for_a_person_or_for_somebody_else(
    client: TestClient, typed: dict[str, str], user_id: str
) -> None:
    form = open_page(client, f"{UI}/new").fields
    send(client, f"{UI}/new", {**form, **typed, "description": "It is warm"})
    (event,) = client.get("/v1/events").json()["items"]
    assert (event["user_id"], event["description"]) == (user_id, "It is warm")


def test_without_accounts_the_form_asks_for_a_name(empty: TestClient) -> None:
    form = open_page(empty, f"{UI}/new").fields
    assert form.keys() == {"key", "user_id", "description"}
    send(empty, f"{UI}/new", {**form, "user_id": "ada", "description": "It is warm"})
    assert empty.get("/v1/events").json()["items"][0]["user_id"] == "ada"


def test_a_double_click_records_one_event(client: TestClient, sql: Sql) -> None:
    form = open_page(client, f"{UI}/new").fields
    sent = {**form, "person": "1", "description": "It is warm"}
    assert send(client, f"{UI}/new", sent) == send(client, f"{UI}/new", sent)
    assert sql("select count(*) from event") == [(1,)]


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"person": ""}, {"person": "Choose for whom the event is."}),
        ({"person": "999"}, {"person": "This person has no active account. Choose another."}),
        ({"person": "other", "user_id": " "}, {"user_id": "Write for whom the event is."}),
        ({"person": "1", "description": " \r\n"}, {"description": "Say what happened."}),
        (
            {"person": "", "description": ""},
            {"person": "Choose for whom the event is.", "description": "Say what happened."},
        ),
    ],
)
def test_what_is_missing_is_said_beside_its_field(
    client: TestClient, sql: Sql, typed: dict[str, str], errors: dict[str, str]
) -> None:
    form = open_page(client, f"{UI}/new").fields
    shown = HtmlPage(send(client, f"{UI}/new", {**form, "description": "Kept", **typed}, status=422))
    assert shown.title.startswith("Error: ")
    assert {name: text.removeprefix("✕ Error: ").strip() for name, text in shown.errors.items()} == errors
    assert shown.fields["description"].strip() == typed.get("description", "Kept").strip()
    assert sql("select count(*) from event") == [(0,)]


def test_an_event_is_not_recorded_for_a_name_whose_account_is_not_active(
    client: TestClient, sql: Sql
) -> None:
    sql("update account set active = false where username = 'grace'")
    form = open_page(client, f"{UI}/new").fields
    typed = {"person": "other", "user_id": "GRACE ", "description": "It is warm"}
    shown = HtmlPage(send(client, f"{UI}/new", {**form, **typed}, status=422))
    assert "The account of grace is not active, so nothing was recorded." in shown.errors["user_id"]
    assert shown.fields["user_id"] == "GRACE "
    assert sql("select count(*) from event") == [(0,)]


def test_the_list_shows_the_newest_event_first(client: TestClient) -> None:
    for number in range(3):
        record(client, description=f"Number {number}")
    text = open_page(client, UI).text
    assert text.index("Number 2") < text.index("Number 1") < text.index("Number 0")
    text = open_page(client, f"{UI}?sort=created_at").text
    assert text.index("Number 0") < text.index("Number 2")


def test_the_list_links_to_the_account_of_the_person(client: TestClient) -> None:
    record(client, "GRACE")
    record(client, "the caretaker")
    shown = open_page(client, UI)
    assert [link for link in shown.links if "/ui/people/" in link] == ["/inventory/ui/people/2"]
    assert "the caretaker" in shown.text


@pytest.mark.parametrize(("state", "word"), STATES.items())
def test_the_list_says_in_words_how_an_event_stands(
    client: TestClient, sql: Sql, state: str, word: str
) -> None:
    record(client)
    if state != "pending":
        finish(sql, state)
    rows = client.get(UI).text.partition("<tbody")[2]
    assert [other for other in STATES.values() if other in HtmlPage(rows).text] == [word]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("status=NotProcessed", {"Warm"}),
        ("status=Processed", {"Cold", "Broken"}),
        ("user_id=ada", {"Warm", "Cold"}),
        ("q=brok", {"Broken"}),
        ("q=caretaker&status=Processed", {"Broken"}),
    ],
)
def test_the_list_is_filtered(client: TestClient, sql: Sql, query: str, shown: set[str]) -> None:
    record(client, "ada", "Cold")
    record(client, "the caretaker", "Broken")
    finish(sql, "delivered")
    record(client, "ada", "Warm")
    text = open_page(client, f"{UI}?{query}").text
    assert {word for word in ("Warm", "Cold", "Broken") if word in text} == shown


def test_the_filter_offers_everybody_whom_an_event_names(client: TestClient) -> None:
    for user_id in ("zoe", "ada", "the caretaker", "ada"):
        record(client, user_id)
    filters = client.get(UI).text.partition('name="user_id"')[2].partition("</select>")[0]
    offered = [line.strip() for line in HtmlPage(f"<select{filters}").text.splitlines() if line.strip()]
    assert offered == ["Everybody", "ada", "the caretaker", "zoe"]


def test_a_long_description_is_clipped_in_the_list_and_whole_on_its_page(client: TestClient) -> None:
    long = "word " * 1999 + "end"
    path = record(client, description=long)
    assert len(open_page(client, UI).text) < 3000
    assert long in open_page(client, path).text


def test_the_list_says_how_many_notifications_could_not_be_delivered(client: TestClient, sql: Sql) -> None:
    record(client)
    assert "could not be delivered" not in open_page(client, UI).text
    finish(sql, "dead")
    shown = open_page(client, UI)
    assert "1 notification could not be delivered." in shown.text
    assert "/inventory/ui/notifications?state=dead" in shown.links


def test_an_empty_list_says_what_to_do_first(empty: TestClient) -> None:
    shown = open_page(empty, UI)
    assert "There is no event yet" in shown.text
    assert f"{UI}/new" in shown.links


def test_the_page_of_an_event_shows_its_delivery(client: TestClient, sql: Sql) -> None:
    path = record(client)
    shown = open_page(client, path).text
    assert "It is warm" in shown
    assert "As soon as possible" in shown
    finish(sql, "dead")
    shown = open_page(client, path).text
    assert "Not delivered" in shown
    assert "No route" in shown


def test_the_part_with_the_delivery_is_asked_for_while_the_event_waits(client: TestClient, sql: Sql) -> None:
    path = record(client)
    live = f'data-live="{path}/delivery"'
    assert live in client.get(path).text
    assert path in open_page(client, path).links, "without scripts, a link reloads the page"
    part = client.get(f"{path}/delivery").text
    assert "Waiting" in part
    assert "data-final" not in part
    finish(sql, "delivered")
    part = client.get(f"{path}/delivery").text
    assert "Delivered" in part
    assert "data-final" in part
    assert "<html" not in part
    assert live not in client.get(path).text


@pytest.mark.parametrize("state", ["pending", "dead"])
def test_an_event_is_closed_with_one_click(client: TestClient, sql: Sql, state: str) -> None:
    path = record(client)
    if state == "dead":
        finish(sql, state)
    assert f'action="{path}/close"' in client.get(path).text
    assert "Do not notify ada" in open_page(client, path).text
    assert send(client, f"{path}/close", {}) == path
    assert sql("select state from notification") == [("cancelled",)]
    shown = client.get(path).text
    assert "The event for ada was closed." in shown
    assert f'action="{path}/close"' not in shown


@pytest.mark.parametrize("state", ["delivered", "dead", "cancelled"])
def test_an_event_is_sent_again_with_one_click(client: TestClient, sql: Sql, state: str) -> None:
    path = record(client)
    finish(sql, state)
    form = open_page(client, path).fields
    assert send(client, f"{path}/queue", form) == path
    assert sql("select state, attempts from notification") == [("pending", 0)]


def test_a_double_click_sends_an_event_again_once(client: TestClient, sql: Sql) -> None:
    path = record(client)
    finish(sql, "delivered")
    form = open_page(client, path).fields
    send(client, f"{path}/queue", form)
    finish(sql, "delivered")
    send(client, f"{path}/queue", form)
    assert sql("select state from notification") == [("delivered",)]
    send(client, f"{path}/queue", open_page(client, path).fields)
    assert sql("select state from notification") == [("pending",)]


def test_an_event_that_waits_for_a_retry_can_be_tried_now(client: TestClient, sql: Sql) -> None:
    path = record(client)
    assert "Try again now" not in open_page(client, path).text
    for _ in range(2):
        sql("update notification set attempts = 3, due_at = now() + interval '10 minutes'")
        shown = open_page(client, path)
        assert "Try again now" in shown.text
        send(client, f"{path}/queue", shown.fields)
        assert sql("select due_at <= now() from notification") == [(True,)]


@pytest.mark.parametrize("action", ["close", "queue"])
@pytest.mark.parametrize("ident", [NOBODY, "5"])
def test_an_unknown_event_cannot_be_changed(client: TestClient, action: str, ident: str) -> None:
    send(client, f"{UI}/{ident}/{action}", {"key": "1"}, status=404)


@pytest.mark.parametrize("path", ["", "/delivery"])
@pytest.mark.parametrize("ident", [NOBODY, "5"])
def test_an_unknown_event_is_404(client: TestClient, ident: str, path: str) -> None:
    assert client.get(f"{UI}/{ident}{path}").status_code == 404


def test_markup_in_an_event_is_shown_as_text(client: TestClient) -> None:
    evil = "<script>alert('x')</script>\"&amp;"
    path = record(client, evil, evil)
    for page in (UI, path):
        response = client.get(page).text
        assert "<script>alert" not in response
        assert HtmlPage(response).text.count(evil) >= 2


def test_the_list_as_csv_has_every_event_newest_first(client: TestClient) -> None:
    for number in range(3):
        record(client, description=f"Number {number}")
    rows = list(csv.DictReader(io.StringIO(client.get(f"{UI}.csv").content.decode("utf-8-sig"))))
    assert [row["description"] for row in rows] == ["Number 2", "Number 1", "Number 0"]
    assert rows[0].keys() == client.get("/v1/events").json()["items"][0].keys()


def test_an_event_about_a_freezer_needs_more_than_the_name_of_the_freezer(client: TestClient) -> None:
    path = f"{UI}/new?about=Freezer+7"
    form = open_page(client, path).fields
    assert form["description"] == "Freezer 7: "
    refused = client.post(f"{UI}/new", data={**form, "person": "1"})
    assert (refused.status_code, HtmlPage(refused.text).errors["description"].strip()[-18:]) == (
        422,
        "Say what happened.",
    )
    sent = {**form, "person": "1", "description": "Freezer 7: warm"}
    assert client.post(f"{UI}/new", data=sent, follow_redirects=False).status_code == 303
