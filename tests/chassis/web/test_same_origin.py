"""A request that changes something comes from our own pages or from a program."""

from collections.abc import Mapping

import pytest
from tests.chassis.greeter import MakeClient

from chassis.access.session_cookie import COOKIE

BODY = {"text": "Hello"}

OWN = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://testserver"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://other.example"},
]
OTHERS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    {"Origin": "https://other.example"},
    {"Origin": "http://testserver:81"},
    {"Origin": "http://testserver.other.example"},
    {"Origin": "null"},
    {"Origin": ""},
]


@pytest.mark.parametrize("headers", OWN)
def test_our_own_pages_and_programs_may_change_something(
    make_client: MakeClient, headers: Mapping[str, str]
) -> None:
    assert make_client().post("/v1/greetings", json=BODY, headers=headers).status_code == 201


@pytest.mark.parametrize("headers", OTHERS)
def test_pages_of_other_sites_may_not(make_client: MakeClient, headers: Mapping[str, str]) -> None:
    response = make_client().post("/v1/greetings", json=BODY, headers=headers)
    assert (response.status_code, response.json()["title"]) == (403, "Forbidden")


def test_a_token_cannot_come_from_another_site(make_client: MakeClient) -> None:
    headers = {"Authorization": "Bearer token", "Sec-Fetch-Site": "cross-site"}
    assert make_client().post("/v1/greetings", json=BODY, headers=headers).status_code == 201


def test_a_password_that_the_browser_knows_can_come_from_another_site(make_client: MakeClient) -> None:
    headers = {"Authorization": "Basic YTpi", "Sec-Fetch-Site": "cross-site"}
    assert make_client().post("/v1/greetings", json=BODY, headers=headers).status_code == 403


def test_a_session_without_the_page_that_sent_it_is_refused(make_client: MakeClient) -> None:
    response = make_client().post("/v1/greetings", json=BODY, headers={"Cookie": f"{COOKIE}=x"})
    assert response.status_code == 403
    assert "does not say which page sent it" in response.json()["detail"]


@pytest.mark.parametrize("headers", OTHERS)
def test_pages_of_other_sites_may_read(make_client: MakeClient, headers: Mapping[str, str]) -> None:
    assert make_client().get("/v1/greetings", headers=headers).status_code == 200


def test_behind_a_proxy_only_the_configured_origin_counts(make_client: MakeClient) -> None:
    client = make_client({"public_origin": "https://lab.example"})
    ours = client.post("/v1/greetings", json=BODY, headers={"Origin": "https://lab.example"})
    other = client.post("/v1/greetings", json=BODY, headers={"Origin": "http://testserver"})
    assert (ours.status_code, other.status_code) == (201, 403)
