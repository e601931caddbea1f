"""Signing in with a token that is pasted, such as one of `kubectl create token`."""

import time
from typing import Any

import pytest
from tests.status.sign_in.browser import Browser
from tests.status.sign_in.conftest import Provider, Start
from tests.support.html_page import HtmlPage
from tests.support.session_files import claims_of

from chassis.access.session_cookie import COOKIE


def paste(browser: Browser, token: str, next_page: str = "/", **headers: str) -> int:
    """Send the form; the status code of the response."""
    return browser.post("/sign-in/token", {"token": token, "next": next_page}, **headers).status_code


def token(provider: Provider, **claims: Any) -> str:
    """A token that the API accepts."""
    given = {"email": "ada@lab.example", "email_verified": True, "groups": ["it"], "name": "Ada Lovelace"}
    return provider.token(**{**given, **claims})


def test_a_token_that_the_api_accepts_signs_in(browser: Browser, provider: Provider) -> None:
    response = browser.post(
        "/sign-in/token", {"token": token(provider), "next": "/inventory/ui/freezers?q=a"}
    )
    assert (response.status_code, response.headers["location"]) == (303, "/inventory/ui/freezers?q=a")
    assert "You are signed in as Ada Lovelace." in HtmlPage(browser.get("/me").text).text


@pytest.mark.parametrize("written", ["  {}\n", "Bearer {}", " Bearer  {} "])
def test_what_is_often_copied_with_a_token_does_not_matter(
    browser: Browser, provider: Provider, written: str
) -> None:
    assert paste(browser, written.format(token(provider))) == 303


def test_the_session_ends_with_the_token(browser: Browser, provider: Provider) -> None:
    pasted = token(provider, lifetime=1200)
    before = time.time()
    assert paste(browser, pasted) == 303
    found = claims_of(browser.session)
    assert found["exp"] == found["token_exp"]
    assert abs(int(found["exp"]) - before - 1200) < 10


REFUSED: dict[str, dict[str, Any]] = {
    "of another audience": {"audience": "another"},
    "of the client": {"audience": "benchtop-client"},
    "expired": {"age": 1000, "lifetime": 500},
    "expired, but within the tolerance of the clocks": {"age": 630, "lifetime": 600},
    "not yet valid": {"nbf": int(time.time()) + 3600},
    "of ten years": {"lifetime": 10 * 365 * 86_400},
    "without a username": {"email": None},
}


@pytest.mark.parametrize("claims", REFUSED.values(), ids=REFUSED)
def test_a_token_that_the_api_does_not_accept_is_explained_beside_the_field(
    browser: Browser, provider: Provider, claims: dict[str, Any]
) -> None:
    pasted = token(provider, **claims)
    response = browser.post("/sign-in/token", {"token": pasted, "next": "/status/me"})
    page = HtmlPage(response.text)
    assert (response.status_code, browser.cookies) == (422, {})
    assert page.errors["token"]
    assert page.fields["next"] == "/status/me"
    assert pasted.split(".")[1] not in response.text


@pytest.mark.parametrize(
    "pasted",
    ["", " ", "x", "a.b.c", "é" * 100, "x" * 100_000, "\x00", "a b c", "Bearer"],
    ids=lambda text: repr(text[:10]),
)
def test_garbage_is_explained_and_not_repeated(browser: Browser, pasted: str) -> None:
    response = browser.post("/sign-in/token", {"token": pasted})
    assert (response.status_code, browser.cookies) == (422, {})
    assert HtmlPage(response.text).fields["token"] == ""


@pytest.mark.parametrize("cut", ["x", "a b c", "a.b.c", "{0}", "{0}.{1}", "{1}.{2}"])
def test_a_token_that_was_not_copied_completely_is_explained(
    browser: Browser, provider: Provider, cut: str
) -> None:
    pasted = cut.format(*token(provider).split("."))
    response = browser.post("/sign-in/token", {"token": pasted})
    said = "This is not a complete token: copy it completely; it has three parts with dots between them."
    assert (response.status_code, said in HtmlPage(response.text).text) == (422, True)


def test_a_pasted_token_ends_the_session_before(browser: Browser, provider: Provider) -> None:
    paste(browser, token(provider))
    old = browser.session
    assert paste(browser, token(provider)) == 303
    browser.cookies[COOKIE] = old
    assert browser.get("/me").status_code == 303


def test_a_session_is_no_token(browser: Browser, provider: Provider) -> None:
    paste(browser, token(provider))
    session = browser.session
    assert paste(browser, session) == 422
    assert browser.get("/v1/me", authorization=f"Bearer {session}", cookie="").status_code == 401


def test_no_log_line_has_the_token(
    browser: Browser, provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    for pasted in (token(provider), token(provider, audience="another")):
        paste(browser, pasted)
        printed = capsys.readouterr().out
        assert "/sign-in/token" in printed
        assert pasted.split(".")[1][:40] not in printed


def test_a_page_of_another_site_cannot_sign_somebody_in(browser: Browser, provider: Provider) -> None:
    assert paste(browser, token(provider), sec_fetch_site="cross-site") == 403
    assert browser.cookies == {}


def test_while_the_keys_of_the_issuer_are_not_known_the_page_says_so(
    start: Start, provider: Provider
) -> None:
    pasted = token(provider)
    provider.stop()
    browser = start()
    response = browser.post("/sign-in/token", {"token": pasted})
    assert (response.status_code, browser.cookies) == (503, {})
    assert "cannot be verified now" in response.text


def test_without_keys_of_sessions_nobody_signs_in_with_a_token(start: Start, provider: Provider) -> None:
    browser = start(access_session_keys_file="", sign_in_client=None)
    assert paste(browser, token(provider)) == 409


def test_somebody_without_a_name_is_shown_by_the_name_in_roles(start: Start, provider: Provider) -> None:
    browser = start()
    assert paste(browser, token(provider, name=None, groups=[])) == 303
    assert "You are signed in as ada@lab.example." in HtmlPage(browser.get("/me").text).text
