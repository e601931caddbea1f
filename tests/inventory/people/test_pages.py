"""The pages of people: what accounts have that other kinds have not. tests/inventory/common has the rest."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.support.html_page import HtmlPage

Sql = Callable[..., list[tuple[Any, ...]]]

UI = "/inventory/ui/people"


def open_page(client: TestClient, path: str) -> HtmlPage:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return HtmlPage(response.text)


def send(client: TestClient, path: str, fields: Mapping[str, str], status: int = 303) -> HtmlPage:
    response = client.post(path, data=dict(fields), follow_redirects=False)
    assert response.status_code == status, response.text
    return HtmlPage(response.text)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("active=true", {"ada"}),
        ("active=false", {"grace"}),
        ("q=GRACE@", {"grace"}),
        ("q=example.org", {"ada", "grace"}),
    ],
)
def test_the_list_is_searched_and_filtered(client: TestClient, sql: Sql, query: str, shown: set[str]) -> None:
    sql("update account set active = false where username = 'grace'")
    links = open_page(client, f"{UI}?{query}").links
    assert {name for name, ident in (("ada", 1), ("grace", 2)) if f"{UI}/{ident}" in links} == shown


def test_the_list_is_sorted(client: TestClient) -> None:
    links = open_page(client, f"{UI}?sort=-username").links
    assert links.index(f"{UI}/2") < links.index(f"{UI}/1")


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"username": "ADA"}, "username", "Another user has that username already."),
        ({"email": "Ada@Example.org"}, "email", "Another user has that e-mail address already."),
        ({"username": "a\u200bda"}, "username", "must not contain invisible characters"),
        ({"email": "nobody"}, "email", "An e-mail address is needed"),
        ({"email": "a@b@c"}, "email", "An e-mail address is needed"),
        ({"username": ""}, "username", "Write the username."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    client: TestClient, typed: dict[str, str], field: str, said: str
) -> None:
    form = open_page(client, f"{UI}/new").fields
    sent = {**form, "username": "lise", "email": "lise@example.org", **typed}
    answer = client.post(f"{UI}/new", data=sent, follow_redirects=False)
    shown = HtmlPage(answer.text)
    assert answer.status_code in (409, 422)
    assert shown.errors.keys() == {field}
    assert said in shown.errors[field]
    assert shown.fields["username"] == sent["username"]


def test_a_new_account_is_active_unless_the_tick_is_removed(client: TestClient) -> None:
    form = open_page(client, f"{UI}/new").fields
    assert form["active"] == "on"
    send(client, f"{UI}/new", {**form, "username": "lise", "email": "lise@example.org"})
    del form["active"]
    again = {**form, "key": "another", "username": "emmy", "email": "emmy@example.org"}
    send(client, f"{UI}/new", again)
    users = client.get("/v1/users").json()["items"]
    assert {user["username"]: user["active"] for user in users[-2:]} == {"lise": True, "emmy": False}


def test_an_account_is_deactivated_and_activated_with_one_click(client: TestClient) -> None:
    for action, active, other in (("deactivate", False, "activate"), ("activate", True, "deactivate")):
        html = client.get(f"{UI}/1").text
        assert f'action="{UI}/1/{action}"' in html
        assert f"{action.capitalize()}: ada can" in HtmlPage(html).text, "it says first what the button does"
        send(client, f"{UI}/1/{action}", {})
        assert client.get("/v1/users/1").json()["active"] is active
        shown = client.get(f"{UI}/1").text
        assert f"The account of ada was {action}d." in shown
        assert f'action="{UI}/1/{other}"' in shown


@pytest.mark.parametrize("action", ["activate", "deactivate"])
@pytest.mark.parametrize("ident", ["999", "x"])
def test_an_unknown_account_cannot_be_changed(client: TestClient, action: str, ident: str) -> None:
    send(client, f"{UI}/{ident}/{action}", {}, status=404)


def test_the_page_of_a_person_links_to_the_events_for_this_person(client: TestClient) -> None:
    client.patch("/v1/users/1", json={"username": "ada & co"}, headers={"If-Match": "*"})
    for user_id in ("ada & co", "ada & co", "ada"):
        client.post("/v1/events", json={"user_id": user_id, "description": f"For {user_id}."})
    shown = open_page(client, f"{UI}/1")
    assert "2 events" in shown.text
    (link,) = [link for link in shown.links if "/ui/events?" in link]
    listed = open_page(client, link).text
    assert "For ada & co." in listed
    assert "For ada." not in listed


def test_before_an_account_is_deleted_the_page_says_that_the_events_stay(client: TestClient) -> None:
    assert "No event names this person." in open_page(client, f"{UI}/1/delete").text
    client.post("/v1/events", json={"user_id": "ada", "description": "It is warm"})
    shown = open_page(client, f"{UI}/1/delete")
    assert "The 1 event for this person stays, without a link to an account." in shown.text
    send(client, f"{UI}/1/delete", shown.fields)
    assert client.get("/v1/events").json()["items"][0]["account_id"] is None


def test_markup_in_a_username_is_shown_as_text(client: TestClient) -> None:
    evil = "<script>alert('x')</script>"
    client.patch("/v1/users/1", json={"username": evil}, headers={"If-Match": "*"})
    for path in ("", "/1", "/1/edit", "/1/delete"):
        response = client.get(UI + path).text
        assert "<script>alert" not in response
        assert evil in HtmlPage(response).text
