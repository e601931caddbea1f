"""Signing in at an OpenID Connect provider."""

import base64
import hashlib
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest
from tests.status.sign_in.browser import Browser
from tests.status.sign_in.conftest import ORIGIN, SECRET, TOKEN, Provider, Start, sign_in
from tests.support.html_page import HtmlPage
from tests.support.issuer import DISCOVERY, Answer, as_json, encoded, issuing, sign
from tests.support.session_files import claims_of

from chassis.access.session_cookie import COOKIE
from chassis.access.session_keys import SessionKeys
from chassis.process.settings import SettingsError
from status.app import StatusSettings, create
from status.sign_in import attempts
from status.sign_in.client import SignInClient


def test_a_browser_is_sent_to_the_provider_with_everything_that_protects_the_response(
    browser: Browser, provider: Provider
) -> None:
    response = browser.post("/sign-in", {"next": "/inventory/ui/freezers"})
    assert response.headers["refresh"].startswith(f"0;url={provider.url}/authorize?")
    sent = browser.begin()
    assert {name: sent[name] for name in sent if name not in ("state", "nonce", "code_challenge")} == {
        "response_type": "code",
        "response_mode": "query",
        "client_id": "benchtop-client",
        "redirect_uri": f"{ORIGIN}/status/sign-in/callback",
        "scope": "openid profile email",
        "code_challenge_method": "S256",
    }
    assert len({sent["state"], sent["nonce"], sent["code_challenge"]}) == 3
    assert min(len(sent["state"]), len(sent["nonce"]), len(sent["code_challenge"])) >= 43


def test_the_cookie_of_an_attempt_is_kept_for_ten_minutes_and_by_this_host_only(browser: Browser) -> None:
    cookie = browser.post("/sign-in").headers["set-cookie"]
    name, _, rest = cookie.partition("=")
    assert name.startswith("__Host-benchtop-sign-in-")
    assert rest.partition("; ")[2] == "HttpOnly; Max-Age=600; Path=/; SameSite=lax; Secure"


def test_a_person_comes_back_signed_in_to_the_page_that_was_opened(
    browser: Browser, provider: Provider
) -> None:
    sent = browser.begin("/inventory/ui/freezers?q=-80")
    provider.give(provider.id_token(sent))
    response = browser.get(provider.arrival(sent), sec_fetch_site="cross-site")
    assert (response.status_code, response.headers["location"]) == (303, "/inventory/ui/freezers?q=-80")
    page = HtmlPage(browser.get("/me").text)
    assert "You are signed in as Ada Lovelace." in page.text
    assert "ada@lab.example" in page.text
    assert COOKIE in browser.cookies
    assert not any(name.startswith(attempts.PREFIX) for name in browser.cookies)


def test_the_cookie_of_a_session_has_all_flags(browser: Browser, provider: Provider) -> None:
    sent = browser.begin()
    provider.give(provider.id_token(sent))
    cookies = browser.get(provider.arrival(sent)).headers.get_list("set-cookie")
    (cookie,) = [one for one in cookies if one.startswith(f"{COOKIE}=")]
    _, *flags = cookie.split("; ")
    seconds = int(next(flag for flag in flags if flag.startswith("Max-Age")).partition("=")[2])
    assert sorted(flags) == ["HttpOnly", f"Max-Age={seconds}", "Path=/", "SameSite=lax", "Secure"]
    assert 8 * 3600 - 5 <= seconds <= 8 * 3600


def test_the_code_is_exchanged_with_the_verifier_and_the_secret(browser: Browser, provider: Provider) -> None:
    sent = browser.begin()
    provider.give(provider.id_token(sent))
    browser.get(provider.arrival(sent))
    ((body, headers),) = provider.posted
    fields = {name: value for name, (value,) in parse_qs(body.decode()).items()}
    digest = hashlib.sha256(fields.pop("code_verifier").encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == sent["code_challenge"]
    assert fields == {
        "grant_type": "authorization_code",
        "code": "a-code",
        "redirect_uri": f"{ORIGIN}/status/sign-in/callback",
    }
    pair = "benchtop-client:a+secret%2Fwith%3A+odd%2Bcharacters+%25"  # RFC 6749, section 2.3.1
    assert headers["Authorization"] == f"Basic {base64.b64encode(pair.encode()).decode()}"


def test_the_secret_is_posted_if_the_provider_wants_that(browser: Browser, provider: Provider) -> None:
    provider.metadata["token_endpoint_auth_methods_supported"] = ["private_key_jwt", "client_secret_post"]
    sign_in(browser, provider)
    ((body, headers),) = provider.posted
    fields = parse_qs(body.decode())
    assert (fields["client_id"], fields["client_secret"]) == (["benchtop-client"], [SECRET])
    assert "Authorization" not in headers


def test_a_client_without_a_secret_sends_its_name(start: Start, provider: Provider) -> None:
    public = SignInClient(issuer=provider.url, client_id="benchtop-client")
    sign_in(start(sign_in_client=public), provider)
    ((body, headers),) = provider.posted
    assert parse_qs(body.decode())["client_id"] == ["benchtop-client"]
    assert "Authorization" not in headers


def unsigned(token: str) -> str:
    """The token without a signature, which says that it needs none."""
    return f"{encoded({'alg': 'none'})}.{token.split('.')[1]}."


ID_TOKENS: dict[str, Any] = {
    "another nonce": {"nonce": "of-another-attempt"},
    "no nonce": {"nonce": None},
    "another client": {"audience": "another-client"},
    "the audience of the API": {"audience": "benchtop"},
    "two clients, issued to the other one": {
        "audience": ["benchtop-client", "other"],
        "azp": "other",
    },
    "expired": {"age": 1000, "lifetime": 500},
    "no username": {"email": None},
    "an address that is not verified": {"email_verified": False},
    "a reserved group": {"groups": ["system:masters"]},
    "a line break in the name": {"name": "Ada\nadmin"},
}


@pytest.mark.parametrize("claims", ID_TOKENS.values(), ids=ID_TOKENS)
def test_an_id_token_that_is_not_right_signs_nobody_in(
    browser: Browser, provider: Provider, claims: dict[str, Any]
) -> None:
    sent = browser.begin()
    provider.give(provider.id_token(sent, **claims))
    response = browser.get(provider.arrival(sent))
    assert (response.status_code, browser.cookies) == (400, {})
    assert "cannot be used, so you were not signed in" in response.text


def test_an_unsigned_id_token_signs_nobody_in(browser: Browser, provider: Provider) -> None:
    provider.metadata["id_token_signing_alg_values_supported"] = ["none"]
    sent = browser.begin()
    provider.give(unsigned(provider.id_token(sent)))
    assert (browser.get(provider.arrival(sent)).status_code, browser.session) == (400, "")


def test_an_id_token_that_another_key_signed_signs_nobody_in(browser: Browser, provider: Provider) -> None:
    with issuing() as other:
        sent = browser.begin()
        claims = other.claims(
            audience="benchtop-client", iss=provider.url, nonce=sent["nonce"], email="a@b.c"
        )
        provider.give(sign(claims, other.rsa, {"alg": "RS256", "kid": provider.rsa.kid}))
        assert (browser.get(provider.arrival(sent)).status_code, browser.session) == (400, "")


def test_an_id_token_of_another_trusted_issuer_signs_nobody_in(
    start: Start, provider: Provider, settings: dict[str, Any]
) -> None:
    with issuing() as other:
        issuers = [
            *settings["access_issuers"],
            msgspec.structs.replace(settings["access_issuers"][0], issuer=other.url, prefix="x:"),
        ]
        browser = start(access_issuers=issuers)
        sent = browser.begin()
        provider.give(other.token(audience="benchtop-client", nonce=sent["nonce"], email="a@b.c"))
        assert (browser.get(provider.arrival(sent)).status_code, browser.session) == (400, "")


RESPONSES: dict[str, dict[str, str | None]] = {
    "an error": {"code": None, "error": "access_denied", "error_description": "<b>hostile</b>"},
    "an error and a code": {"error": "server_error"},
    "no code": {"code": None},
    "another issuer": {"iss": "https://evil.example"},
}


@pytest.mark.parametrize("parameters", RESPONSES.values(), ids=RESPONSES)
def test_a_response_that_is_not_right_signs_nobody_in_and_is_not_repeated(
    browser: Browser, provider: Provider, parameters: dict[str, str | None]
) -> None:
    sent = browser.begin()
    provider.give(provider.id_token(sent))
    response = browser.get(provider.arrival(sent, **parameters))
    assert (response.status_code, browser.cookies) == (400, {})
    assert not any(word in response.text for word in ("hostile", "access_denied", "server_error", "evil"))
    assert "Sign in" in HtmlPage(response.text).text


def test_a_response_without_its_issuer_is_refused_if_the_provider_always_names_it(
    browser: Browser, provider: Provider
) -> None:
    provider.metadata["authorization_response_iss_parameter_supported"] = True
    sent = browser.begin()
    provider.give(provider.id_token(sent))
    assert browser.get(provider.arrival(sent, iss=None)).status_code == 400
    assert provider.posted == []


@pytest.mark.parametrize("state", ["", "of-another-browser", "x" * 5000, "é"])
def test_a_response_with_an_unknown_state_signs_nobody_in(
    browser: Browser, provider: Provider, state: str
) -> None:
    sent = browser.begin()
    provider.give(provider.id_token(sent))
    response = browser.get(provider.arrival({**sent, "state": state}))
    assert (response.status_code, browser.session, provider.posted) == (400, "", [])
    assert "This attempt to sign in is not known here" in response.text


def test_the_attempt_of_another_browser_signs_nobody_in(start: Start, provider: Provider) -> None:
    attacker, victim = start(), start()
    sent = attacker.begin()
    provider.give(provider.id_token(sent))
    assert victim.get(provider.arrival(sent)).status_code == 400
    assert victim.session == ""


def test_an_attempt_ends_after_ten_minutes(browser: Browser, provider: Provider, keys: Path) -> None:
    sent = browser.begin()
    attempt = attempts.begin("/")
    late = msgspec.structs.replace(attempt, state=sent["state"], exp=int(time.time()) - 1)
    browser.cookies[attempts.name_of(sent["state"])] = SessionKeys(str(keys)).sign(
        attempts.KIND, msgspec.json.encode(late)
    )
    assert browser.get(provider.arrival(sent)).status_code == 400
    assert attempt.exp - time.time() > 590


def test_a_session_is_not_accepted_as_an_attempt_nor_an_attempt_as_a_session(
    browser: Browser, provider: Provider
) -> None:
    sent = browser.begin()
    (name,) = browser.cookies
    attempt = browser.cookies[name]
    sign_in(browser, provider)
    browser.cookies[name] = browser.session
    browser.cookies[COOKIE] = attempt
    assert browser.get("/me").status_code == 303
    assert browser.get(provider.arrival(sent)).status_code == 400


def test_two_tabs_can_sign_in_one_after_the_other(browser: Browser, provider: Provider) -> None:
    first, second = browser.begin("/inventory/ui/sites"), browser.begin("/balances/ui/")
    for sent, page in ((second, "/balances/ui/"), (first, "/inventory/ui/sites")):
        provider.give(provider.id_token(sent))
        assert browser.get(provider.arrival(sent)).headers["location"] == page


def test_a_browser_keeps_five_attempts_the_newest_ones(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []
    for number in range(7):
        monkeypatch.setattr(attempts, "SECONDS", 500 + number)  # each ends later than those before it
        sent.append(browser.begin())
    assert set(browser.cookies) == {attempts.name_of(one["state"]) for one in sent[2:]}


def test_cookies_of_attempts_that_cannot_be_read_are_deleted(browser: Browser) -> None:
    browser.cookies[f"{attempts.PREFIX}0123456789abcdef"] = "garbage"
    browser.begin()
    assert len(browser.cookies) == 1
    assert "garbage" not in browser.cookies.values()


def test_who_goes_back_to_a_used_attempt_stays_signed_in(browser: Browser, provider: Provider) -> None:
    sent = browser.begin("/inventory/ui/sites")
    provider.give(provider.id_token(sent))
    browser.get(provider.arrival(sent))
    again = browser.get(provider.arrival(sent))
    assert (again.status_code, again.headers["location"]) == (303, "/")
    assert len(provider.posted) == 1


def test_each_sign_in_makes_a_new_session(browser: Browser, provider: Provider) -> None:
    sign_in(browser, provider)
    planted = browser.session
    sign_in(browser, provider, email="grace@lab.example", name="Grace Hopper")
    assert browser.session not in ("", planted)
    assert "Grace Hopper" in browser.get("/me").text


def test_signing_in_again_ends_the_session_before(browser: Browser, provider: Provider) -> None:
    sign_in(browser, provider)
    old = browser.session
    sign_in(browser, provider)
    assert browser.get("/me").status_code == 200
    browser.cookies[COOKIE] = old
    assert browser.get("/me").status_code == 303


@pytest.mark.parametrize("next_page", ["//evil.example", "/\\evil.example", "https://evil.example", "/%0a/x"])
def test_after_signing_in_nobody_is_sent_to_another_site(
    browser: Browser, provider: Provider, next_page: str
) -> None:
    sent = browser.begin(next_page)
    provider.give(provider.id_token(sent))
    assert browser.get(provider.arrival(sent)).headers["location"] == "/"


def test_while_the_provider_is_out_the_page_says_so(browser: Browser, provider: Provider) -> None:
    provider.stop()
    response = browser.post("/sign-in")
    assert (response.status_code, response.headers["retry-after"]) == (503, "60")
    assert "The provider cannot be reached now." in response.text


BROKEN: dict[str, Answer] = {
    "an outage": as_json({"error": "invalid_client"}, 503),
    "too many requests": Answer(429),
    "no ID token": as_json({"access_token": "x"}),
    "an ID token of another type": as_json({"id_token": 1}),
    "a list": as_json([]),
    "no JSON": Answer(200, b"<html>"),
    "a redirect": Answer(302, headers={"Location": "/keys"}),
    "much": Answer(200, b" " * 70_000),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_a_provider_that_breaks_is_explained_and_tried_again(
    browser: Browser, provider: Provider, answer: Answer
) -> None:
    sent = browser.begin("/inventory/ui/sites")
    provider.answers[TOKEN] = answer
    response = browser.get(provider.arrival(sent))
    assert (response.status_code, browser.session) == (503, "")
    assert "The provider cannot be reached now." in response.text
    assert HtmlPage(response.text).fields["next"] == "/inventory/ui/sites"


@pytest.mark.parametrize(
    "answer", [Answer(200, b"{"), as_json({"issuer": "https://evil.example"}), Answer(404)], ids=repr
)
def test_a_discovery_document_that_cannot_be_used_sends_nobody_away(
    browser: Browser, provider: Provider, answer: Answer
) -> None:
    provider.answers[DISCOVERY] = answer
    response = browser.post("/sign-in", {"next": "/inventory/ui/sites"})
    assert (response.status_code, "refresh" in response.headers) == (503, False)
    assert "The provider cannot be reached now." in response.text
    assert HtmlPage(response.text).fields["next"] == "/inventory/ui/sites"


REFUSALS: dict[str, tuple[Answer, str]] = {
    "a wrong secret": (as_json({"error": "invalid_client"}, 401), "invalid_client"),
    "a code that was used": (as_json({"error": "invalid_grant"}, 400), "invalid_grant"),
    "a scope": (as_json({"error": "invalid_scope"}, 400), "invalid_scope"),
    "a hostile code": (as_json({"error": "<b>forged\nline</b>"}, 400), "unknown"),
    "a long code": (as_json({"error": "x" * 65}, 400), "unknown"),
    "no code": (as_json({"error": ["invalid_client"]}, 400), "unknown"),
    "a list": (as_json([], 400), "unknown"),
    "no JSON": (Answer(401, b"<html>"), "unknown"),
    "no token endpoint": (Answer(404), "unknown"),
}


@pytest.mark.parametrize(("answer", "code"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_of_the_provider_is_no_outage_and_the_log_says_which(
    browser: Browser, provider: Provider, capsys: pytest.CaptureFixture[str], answer: Answer, code: str
) -> None:
    sent = browser.begin("/inventory/ui/sites")
    provider.answers[TOKEN] = answer
    response = browser.get(provider.arrival(sent))
    text = HtmlPage(response.text).text
    assert (response.status_code, browser.session) == (502, "")
    assert "The provider refused this sign-in, or it refused Benchtop." in text
    assert not any(word in response.text for word in ("cannot be reached", code, "forged"))
    assert HtmlPage(response.text).fields["next"] == "/inventory/ui/sites"
    printed = capsys.readouterr().out
    assert f"Its error is {code}." in printed
    assert "forged" not in printed


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        ("access_denied", "access_denied", "You may have cancelled it there"),
        ("invalid_scope", "invalid_scope", "The provider refused this sign-in"),
        ("Forged line", "unknown", "The provider refused this sign-in"),
        ("x" * 65, "unknown", "The provider refused this sign-in"),
        ("", "unknown", "The provider refused this sign-in"),
    ],
)
def test_the_log_says_with_which_error_the_provider_sent_a_person_back(
    browser: Browser, provider: Provider, capsys: pytest.CaptureFixture[str], error: str, code: str, said: str
) -> None:
    sent = browser.begin()
    response = browser.get(provider.arrival(sent, code=None, error=error))
    assert (response.status_code, said in response.text) == (400, True)
    printed = capsys.readouterr().out
    assert f"with the error {code}." in printed
    assert "Forged" not in printed + response.text
    assert code not in response.text


def test_many_attempts_ask_for_the_discovery_document_once(browser: Browser, provider: Provider) -> None:
    before = provider.requests.count(DISCOVERY)
    for _ in range(5):
        sign_in(browser, provider)
    assert provider.requests.count(DISCOVERY) - before <= 2  # the keys of the issuer may need it, too


def test_while_the_discovery_document_fails_not_every_attempt_asks_for_it(
    start: Start, provider: Provider
) -> None:
    browser = start()
    provider.answers[DISCOVERY] = Answer(500)
    before = provider.requests.count(DISCOVERY)
    assert [browser.post("/sign-in").status_code for _ in range(20)] == [503] * 20
    assert provider.requests.count(DISCOVERY) - before < 10


def test_an_attempt_is_used_once_even_if_its_cookie_is_sent_again(
    browser: Browser, provider: Provider
) -> None:
    sent = browser.begin()
    cookies = dict(browser.cookies)
    provider.answers[TOKEN] = Answer(500)
    statuses = []
    for _ in range(3):
        browser.cookies = dict(cookies)
        statuses.append(browser.get(provider.arrival(sent)).status_code)
    assert (statuses, len(provider.posted)) == ([503, 400, 400], 1)


@pytest.mark.parametrize(
    "metadata",
    [
        {"authorization_endpoint": "http://id.lab.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": 5},
    ],
    ids=repr,
)
def test_nobody_is_sent_to_an_address_without_encryption(
    browser: Browser, provider: Provider, metadata: dict[str, Any]
) -> None:
    provider.metadata |= metadata
    response = browser.post("/sign-in")
    assert (response.status_code, "refresh" in response.headers) == (503, False)


def test_the_address_of_a_provider_may_have_a_query(browser: Browser, provider: Provider) -> None:
    provider.metadata["authorization_endpoint"] = f"{provider.url}/authorize?tenant=lab"
    sent = browser.begin()
    assert (sent["tenant"], sent["response_type"]) == ("lab", "code")


def test_too_many_groups_for_a_cookie_are_explained(browser: Browser, provider: Provider) -> None:
    sent = browser.begin()
    provider.give(provider.id_token(sent, groups=[f"group-{number}-of-the-company" for number in range(200)]))
    response = browser.get(provider.arrival(sent))
    assert (response.status_code, browser.session) == (403, "")
    assert "You are in so many groups" in response.text


@pytest.mark.parametrize("groups", [[], ["it"]])
def test_names_too_long_for_a_cookie_are_not_called_groups(
    browser: Browser, provider: Provider, groups: list[str]
) -> None:
    sent = browser.begin()
    provider.give(provider.id_token(sent, email=f"{'a' * 2000}@lab.example", groups=groups))
    response = browser.get(provider.arrival(sent))
    text = HtmlPage(response.text).text
    assert (response.status_code, browser.session) == (403, "")
    assert "The names in your sign-in are too long" in text
    assert "groups" not in text


def test_the_log_counts_the_groups_of_the_provider(
    browser: Browser, provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = browser.begin()
    provider.give(provider.id_token(sent, groups=[f"group-{number}-of-the-company" for number in range(200)]))
    browser.get(provider.arrival(sent))
    assert "into a cookie: 200 groups" in capsys.readouterr().out


def test_a_long_name_is_cut_off(browser: Browser, provider: Provider) -> None:
    sign_in(browser, provider, name="Ada " * 2000)
    assert claims_of(browser.session)["name"] == "Ada " * 50


def test_groups_that_nobody_needs_can_be_left_out_of_sessions(start: Start, provider: Provider) -> None:
    client = SignInClient(issuer=provider.url, client_id="benchtop-client", groups=["it"])
    browser = start(sign_in_client=client)
    sign_in(browser, provider, groups=["it", *(f"group-{number}-of-the-company" for number in range(200))])
    assert " · admin" in browser.get("/me").text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"public_origin": ""}, "SIGN_IN_CLIENT needs PUBLIC_ORIGIN"),
        ({"access_session_keys_file": ""}, "SIGN_IN_CLIENT needs ACCESS_SESSION_KEYS_FILE"),
        (
            {"sign_in_client": SignInClient(issuer="https://x.example", client_id="c")},
            "https://x.example, whose tokens",
        ),
        (
            {"sign_in_client": SignInClient(issuer="https://x.example", client_id="c", scopes=["email"])},
            "must have openid",
        ),
    ],
    ids=["origin", "keys", "issuer", "scopes"],
)
def test_settings_with_which_nobody_could_sign_in_stop_the_start(
    settings: dict[str, Any], changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        create(StatusSettings(**{**settings, **changes}))


def test_signing_in_with_the_form_of_another_site_is_refused(browser: Browser) -> None:
    response = browser.post("/sign-in", sec_fetch_site="cross-site")
    assert (response.status_code, browser.cookies) == (403, {})
    assert "refresh" not in response.headers


def test_keys_that_rotate_while_people_are_signed_in_sign_nobody_out(
    browser: Browser, provider: Provider
) -> None:
    sign_in(browser, provider)
    provider.rotate()
    assert browser.get("/me").status_code == 200
    provider.stop()
    assert browser.get("/me").status_code == 200


def test_the_provider_is_not_asked_for_who_is_signed_in(browser: Browser, provider: Provider) -> None:
    sign_in(browser, provider)
    requests = len(provider.requests)
    for _ in range(5):
        assert browser.get("/me").status_code == 200
    assert len(provider.requests) == requests
