"""What the page where people sign in says, and signing out."""

from pathlib import Path
from typing import Any

import pytest
from tests.status.sign_in.browser import Browser
from tests.status.sign_in.conftest import Provider, Start, sign_in
from tests.support.html_page import HtmlPage

from chassis.access.session_cookie import COOKIE
from chassis.process.access_settings import Issuer


def text_of(browser: Browser, path: str = "/sign-in", **headers: str) -> str:
    """The text of a page."""
    response = browser.get(path, **headers)
    assert response.status_code == 200, response.text
    return " ".join(HtmlPage(response.text).text.split())


def test_both_ways_to_sign_in_are_offered(browser: Browser, provider: Provider) -> None:
    text = text_of(browser)
    assert f"Sign in with {provider.url.removeprefix('http://')}" in text
    assert "Or sign in with a token" in text


def test_without_a_provider_there_is_only_the_token(start: Start) -> None:
    text = text_of(start(sign_in_client=None))
    assert "Sign in with a token" in text
    assert "Sign in with 127" not in text


def test_how_to_get_a_token_of_the_cluster_is_explained(
    start: Start, settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("token", "ca.crt"):
        (tmp_path / name).touch()
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    issuers = [*settings["access_issuers"], Issuer(issuer="kubernetes", audience="lab")]
    browser = start(access_issuers=issuers, access_cluster_dir=str(tmp_path))
    expected = "kubectl create token --namespace NAMESPACE NAME --audience lab --duration 8h"
    assert expected in text_of(browser)


def test_an_open_installation_says_that_nobody_needs_to_sign_in(start: Start) -> None:
    browser = start(access="open")
    assert "Nobody needs to sign in here." in text_of(browser)
    assert "Nobody is signed in. This installation is open" in text_of(browser, "/me")
    assert "Open to everybody" in text_of(browser, "/me")


def test_without_keys_of_sessions_the_page_says_so(start: Start) -> None:
    text = text_of(start(access_session_keys_file="", sign_in_client=None))
    assert "this installation has no keys for sessions" in text
    assert "Token" not in text


def without_fetch_metadata(browser: Browser) -> Browser:
    for name in ("sec-fetch-site", "sec-fetch-mode"):
        del browser._headers[name]
    return browser


@pytest.mark.parametrize(
    ("origin", "host", "works"),
    [
        ("https://lab.example", "lab.example", True),
        ("http://lab.example", "lab.example", False),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("http://localhost:8000", "localhost:8000", True),
        ("", "lab.example", False),
        ("", "192.168.1.5:8000", False),
        ("", "127.0.0.1:8000", True),
        ("", "[::1]:8000", True),
        ("", "localhost:8000", True),
    ],
)
def test_at_an_address_without_encryption_the_page_says_why_nobody_can_sign_in(
    start: Start, origin: str, host: str, works: bool
) -> None:
    browser = without_fetch_metadata(start(public_origin=origin, sign_in_client=None))
    text = text_of(browser, host=host)
    assert ("is not encrypted" in text) is not works
    assert ("Sign in with the token" in text) is works


@pytest.mark.parametrize(
    "headers", [{"sec_fetch_site": "none"}, {"x_forwarded_proto": "https"}], ids=["browser", "proxy"]
)
def test_encryption_in_front_of_the_service_is_recognized(start: Start, headers: dict[str, str]) -> None:
    browser = without_fetch_metadata(start(public_origin="", sign_in_client=None))
    assert "is not encrypted" not in text_of(browser, host="lab.example", **headers)


def test_services_on_other_hosts_are_named(start: Start) -> None:
    text = text_of(start(balances_link="https://money.lab.example"))
    assert "Balances is on another host, where a browser cannot sign in." in text


def test_whoever_is_signed_in_can_continue_or_sign_in_as_somebody_else(
    browser: Browser, provider: Provider
) -> None:
    sign_in(browser, provider)
    text = text_of(browser, "/sign-in?next=/inventory/ui/sites")
    assert "You are signed in as Ada Lovelace. Continue, or sign in as somebody else." in text


@pytest.mark.parametrize("next_page", ["//evil.example", "https://evil.example/", "javascript:alert(1)"])
def test_no_link_of_the_page_leads_to_another_site(
    browser: Browser, provider: Provider, next_page: str
) -> None:
    sign_in(browser, provider)
    assert "evil" not in browser.get(f"/sign-in?next={next_page}").text


def test_signing_out_ends_the_session_at_once_and_deletes_its_cookie(
    browser: Browser, provider: Provider
) -> None:
    sign_in(browser, provider)
    old = browser.session
    response = browser.post("/sign-out")
    assert response.status_code == 303
    assert response.headers["location"] == "/status/sign-in?signed-out=yes"
    cookies = response.headers.get_list("set-cookie")
    (cookie,) = [one for one in cookies if one.startswith(f'{COOKIE}=""; ')]
    assert {"HttpOnly", "Max-Age=0", "Path=/", "SameSite=lax", "Secure"} <= set(cookie.split("; "))
    assert browser.session == ""
    browser.cookies[COOKIE] = old
    assert browser.get("/me").status_code == 303
    assert browser.get("/v1/me").status_code == 401


def test_after_signing_out_the_page_names_the_provider(browser: Browser, provider: Provider) -> None:
    sign_in(browser, provider)
    text = text_of(browser, browser.post("/sign-out").headers["location"])
    assert "You are signed out. You may still be signed in at 127.0.0.1" in text


def test_the_digest_of_a_session_that_signed_out_is_listed_and_nothing_else_of_it(
    browser: Browser, provider: Provider
) -> None:
    sign_in(browser, provider)
    session = browser.session
    browser.post("/sign-out")
    listed = browser.get("/v1/signed-out").json()["sessions"]
    assert len(listed) == 1
    assert not any(part in session for part in listed)


def test_a_link_asks_before_it_signs_anybody_out(browser: Browser, provider: Provider) -> None:
    sign_in(browser, provider)
    assert "You are signed in as Ada Lovelace." in text_of(browser, "/sign-out")
    assert browser.get("/me").status_code == 200


def test_a_page_of_another_site_signs_nobody_out(browser: Browser, provider: Provider) -> None:
    sign_in(browser, provider)
    assert browser.post("/sign-out", sec_fetch_site="cross-site").status_code == 403
    assert browser.get("/me").status_code == 200


def test_signing_out_ends_the_session_of_the_cookie_even_if_there_is_a_token(
    browser: Browser, provider: Provider
) -> None:
    sign_in(browser, provider)
    old = browser.session
    bearer = provider.token(email="grace@lab.example", email_verified=True)
    assert browser.post("/sign-out", authorization=f"Bearer {bearer}").status_code == 303
    browser.cookies[COOKIE] = old
    assert browser.get("/me").status_code == 303


def test_signing_out_twice_is_no_error(browser: Browser, provider: Provider) -> None:
    sign_in(browser, provider)
    browser.post("/sign-out")
    assert browser.post("/sign-out").status_code == 303


def test_a_browser_that_did_not_keep_the_session_is_told_why(browser: Browser, provider: Provider) -> None:
    said = "your browser did not keep the session"
    sign_in(browser, provider)
    assert said not in text_of(browser)
    del browser.cookies[COOKIE]
    assert said in text_of(browser)


def test_whoever_signs_out_at_once_is_not_told_so(browser: Browser, provider: Provider) -> None:
    sign_in(browser, provider)
    browser.post("/sign-out")
    assert "did not keep" not in text_of(browser)


def test_pages_with_a_session_are_not_kept_by_the_browser(browser: Browser, provider: Provider) -> None:
    sign_in(browser, provider)
    for path in ("/", "/me", "/sign-in", "/sign-out"):
        assert browser.get(path).headers["cache-control"] == "no-store"
