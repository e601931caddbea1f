"""The pages of sites and freezers: what they have that other kinds have not. tests/inventory/common has the rest."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.support.html_page import HtmlPage

Sql = Callable[..., list[tuple[Any, ...]]]

UI = "/inventory/ui"


def open_page(client: TestClient, path: str) -> HtmlPage:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return HtmlPage(" ".join(response.text.split()))


@pytest.mark.parametrize("pages", ["freezers", "computers"])
def test_a_list_as_csv_names_the_site(client: TestClient, pages: str) -> None:
    text = client.get(f"{UI}/{pages}.csv").text.removeprefix("\ufeff")
    for row in csv.DictReader(io.StringIO(text)):
        assert list(row)[list(row).index("site_id") + 1] == "site"
        assert (row["site_id"], row["site"]) == ("1", "Site 1")


def test_the_page_of_a_freezer_leads_to_the_form_of_an_event_about_it(client: TestClient) -> None:
    links = open_page(client, f"{UI}/freezers/1").links
    (link,) = [link for link in links if "/ui/events/new" in link]
    assert open_page(client, link).fields["description"].strip() == "-20C (Site 1):"


def test_the_page_of_a_freezer_leads_to_the_events_that_mention_it(client: TestClient) -> None:
    for description in ("-20C is warm", "-40C is cold"):
        client.post("/v1/events", json={"user_id": "ada", "description": description})
    links = open_page(client, f"{UI}/freezers/1").links
    (link,) = [link for link in links if "/ui/events?" in link]
    text = open_page(client, link).text
    assert "-20C is warm" in text
    assert "-40C is cold" not in text


@pytest.mark.parametrize(("ident", "said"), [(1, "2 containers"), (2, "1 container")])
def test_the_list_of_freezers_links_to_their_containers(client: TestClient, ident: int, said: str) -> None:
    html = client.get(f"{UI}/freezers").text
    assert f'href="{UI}/containers?freezer_id={ident}">{said}<' in html


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("freezers/1", "2 containers are in it. Move them to another freezer or delete them first."),
        ("freezers/2", "1 container is in it. Move it to another freezer or delete it first."),
        ("sites/1", "2 freezers and 2 computers are at it. Move them to another site or delete them first."),
        ("sites/2", "1 freezer is at it. Move it to another site or delete it first."),
        ("sites/3", "1 computer is at it. Move it to another site or delete it first."),
    ],
)
def test_the_question_before_a_deletion_says_what_must_be_moved_first(
    client: TestClient, path: str, said: str
) -> None:
    client.post("/v1/freezers", json={"name": "Deep", "site_id": 2})
    client.post("/v1/computers", json={"name": "Scope", "site_id": 3})
    assert said in open_page(client, f"{UI}/{path}/delete").text
