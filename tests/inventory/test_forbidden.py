"""What somebody reads who may not do something, and that nothing was done."""

import pytest
from starlette.testclient import TestClient
from tests.support.callers import program, signed_in
from tests.support.html_page import HtmlPage

SAID = "ada may not create sites. The role keeper includes this permission; an administrator of Benchtop can give it."


@pytest.fixture
def client(stocked: str, guarded: TestClient) -> TestClient:
    """The service with roles and the example data."""
    assert stocked
    return guarded


def test_a_page_says_what_is_missing_and_who_can_give_it(client: TestClient) -> None:
    answer = client.get("/inventory/ui/sites/new", headers=signed_in("ada", "member"))
    page = HtmlPage(answer.text)
    assert (answer.status_code, page.heading) == (403, "This is not allowed")
    assert SAID in page.text


def test_the_api_says_it_too(client: TestClient) -> None:
    answer = client.post("/v1/sites", json={"name": "A"}, headers=signed_in("ada", "member"))
    assert (answer.status_code, answer.json()["detail"]) == (403, SAID)
    assert answer.headers["content-type"] == "application/problem+json"


def test_instead_of_a_csv_file_there_is_a_page(client: TestClient) -> None:
    answer = client.get("/inventory/ui/containers.csv", headers=signed_in("ada"))
    assert (answer.status_code, "content-disposition" in answer.headers) == (403, False)
    assert "ada may not list containers." in HtmlPage(answer.text).text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/sites"),
        ("PATCH", "/v1/sites/1"),
        ("DELETE", "/v1/sites/3"),
        ("POST", "/site/1"),
        ("DELETE", "/site/3"),
        ("POST", "/inventory/ui/sites/new"),
        ("POST", "/inventory/ui/sites/1/edit"),
        ("POST", "/inventory/ui/sites/3/delete"),
    ],
)
def test_what_is_forbidden_is_not_done(client: TestClient, method: str, path: str) -> None:
    admin = program("admin")
    before = client.get("/v1/sites", headers=admin).json()
    headers = {"If-Match": "*", **signed_in("ada", "member")}
    assert client.request(method, path, json={"name": "Changed"}, headers=headers).status_code == 403
    assert client.get("/v1/sites", headers=admin).json() == before
