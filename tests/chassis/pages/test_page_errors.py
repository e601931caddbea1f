"""Errors are pages for browsers, and problems for programs."""

import pytest
from starlette.testclient import TestClient
from tests.chassis.greeter import MakeClient

from chassis.pages.headers import PAGE_HEADERS

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_a_browser_gets_a_page_for_an_unknown_path(client: TestClient) -> None:
    response = client.get("/nowhere", headers=BROWSER)
    assert (response.status_code, response.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "<h1>There is no such page</h1>" in response.text


def test_every_error_page_has_the_security_headers(client: TestClient) -> None:
    headers = client.get("/nowhere", headers=BROWSER).headers
    assert {name: headers[name] for name in PAGE_HEADERS} == dict(PAGE_HEADERS)


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html;q=0", ""])
def test_a_program_gets_a_problem(client: TestClient, accept: str) -> None:
    response = client.get("/nowhere", headers={"Accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


def test_the_api_answers_with_problems_even_to_a_browser(client: TestClient) -> None:
    response = client.get("/v1/nowhere", headers=BROWSER)
    assert response.headers["content-type"] == "application/problem+json"


def test_an_unexpected_error_is_a_page_with_the_request_id_and_without_details(
    make_client: MakeClient,
) -> None:
    response = make_client().get("/explode", headers=BROWSER)
    assert (response.status_code, response.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert response.headers["x-request-id"] in response.text
    assert "ZeroDivisionError" not in response.text


def test_the_page_of_a_wrong_method_says_so(client: TestClient) -> None:
    response = client.post("/docs", headers=BROWSER)
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")
    assert "This cannot be done here" in response.text
