"""The pages of containers: what they have that other kinds have not. tests/inventory/common has the rest."""

import csv
import io
from collections.abc import Mapping

import pytest
from starlette.testclient import TestClient
from tests.support.html_page import HtmlPage

UI = "/inventory/ui/containers"
HERE, THERE = "-20C (Site 1)", "-40C (Site 1)"
"""Freezers 1 and 2 of the example data."""


def open_page(client: TestClient, path: str) -> HtmlPage:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return HtmlPage(response.text)


def send(client: TestClient, path: str, fields: Mapping[str, str]) -> str:
    """Send a form; return the path of the next page."""
    response = client.post(path, data=dict(fields), follow_redirects=False)
    assert response.status_code == 303, response.text
    return response.headers["location"]


def create(client: TestClient, description: str = "") -> int:
    body = {"description": description, "freezer_id": 1}
    ident: int = client.post("/v1/containers", json=body).json()["id"]
    return ident


@pytest.mark.parametrize("path", ["", "/{}", "/{}/edit", "/{}/delete"])
def test_a_container_without_a_description_has_a_name(client: TestClient, path: str) -> None:
    ident = create(client)
    assert f"Container {ident} (no description)" in open_page(client, UI + path.format(ident)).text


def test_a_container_needs_a_description_on_the_page(client: TestClient) -> None:
    form = open_page(client, f"{UI}/new").fields
    response = client.post(f"{UI}/new", data={**form, "freezer_id": "1"}, follow_redirects=False)
    assert response.status_code == 422
    assert HtmlPage(response.text).errors.keys() == {"description"}


def test_the_newest_container_is_first(client: TestClient) -> None:
    ident = create(client, "Newest")
    links = [link for link in open_page(client, UI).links if link.startswith(f"{UI}/") and link[-1].isdigit()]
    assert links[0] == f"{UI}/{ident}"


def test_the_message_after_a_container_is_added_says_where_it_is(client: TestClient) -> None:
    form = open_page(client, f"{UI}/new").fields
    location = send(client, f"{UI}/new", {**form, "description": "Buffer", "freezer_id": "1"})
    assert f"The container Buffer was added to {HERE}." in open_page(client, location).text


def test_the_message_after_a_move_says_from_where_to_where(client: TestClient) -> None:
    path = f"{UI}/{create(client, 'Buffer')}/edit"
    location = send(client, path, {**open_page(client, path).fields, "freezer_id": "2"})
    said = f"The container Buffer was moved from {HERE} to {THERE}."
    assert said in open_page(client, location).text


def test_a_container_is_deleted_from_its_freezer_which_is_shown_next(client: TestClient) -> None:
    path = f"{UI}/{create(client, 'Buffer')}/delete"
    question = open_page(client, path)
    assert HERE in question.text
    location = send(client, path, question.fields)
    assert location == f"{UI}?freezer_id=1"
    assert f"The container Buffer was deleted from {HERE}." in open_page(client, location).text


def test_the_list_as_csv_names_freezer_and_site(client: TestClient) -> None:
    text = client.get(f"{UI}.csv").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0])[3:6] == ["freezer_id", "freezer", "site"]
    assert {(row["freezer_id"], row["freezer"].removeprefix("'"), row["site"]) for row in rows} == {
        ("1", "-20C", "Site 1"),
        ("2", "-40C", "Site 1"),
    }
