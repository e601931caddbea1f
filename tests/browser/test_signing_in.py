"""People sign in with a real OpenID Connect provider, act, and sign out; and what their browser is refused."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import playwright.sync_api
import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from tests.browser import benchtop as local
from tests.browser.accessibility import violations
from tests.browser.benchtop import Benchtop
from tests.browser.browsing import looking
from tests.browser.page_faults import page_faults
from tests.browser.pages import Page
from tests.browser.serving import Answer, serving
from tests.browser.test_every_page import SCREENSHOTS, looked_at
from tests.browser.views import View
from tests.support.databases import creating_databases
from tests.support.issuer import TestIssuer, issuing
from tests.support.openid_provider import ADA, GRACE, OpenIdProvider, Person, providing
from tests.support.processes import free_port
from tests.support.session_files import new_key, session_of

from chassis.access.session_cookie import COOKIE

SERVICES = ("status", "inventory", "balances")

SECONDS = 10
"""In which a session that signed out must be refused everywhere."""

LONG = (
    "Ünïcödé-Wolfeschlegelsteinhausenbergerdorff-zu-Hohenstein <b>& Töchter</b> \u0627\u0644\u0633\u0644\u0627\u0645"
    * 2
)
"""A name that is longer than a phone is wide."""


class Lab:
    """Benchtop in which people have to sign in, with its provider and an issuer of tokens."""

    def __init__(self, benchtop: Benchtop, provider: OpenIdProvider, issuer: TestIssuer) -> None:
        self.url = benchtop.url
        self.keys = benchtop.folder / "session-keys"
        self.provider = provider
        self.issuer = issuer

    def session_of_ada(self) -> str:
        """The cookie of a session of an administrator, as if she had signed in at the provider."""
        return session_of(self.keys, "ada@lab.example", "Ada Lovelace", "it", issuer=self.provider.url)

    def statuses(self, cookie: str) -> dict[str, int]:
        """The status code of each service for the session of a cookie."""
        headers = {"Cookie": f"{COOKIE}={cookie}"}
        return {name: httpx.get(f"{self.url}/{name}/v1/me", headers=headers).status_code for name in SERVICES}


@pytest.fixture(scope="module")
def lab(postgres: str, service_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    port = free_port()
    with (
        creating_databases(postgres, service_server) as create,
        providing(f"http://127.0.0.1:{port}/status/sign-in/callback") as provider,
        issuing() as issuer,
        local.running(
            tmp_path_factory.mktemp("signing-in"),
            port,
            DATABASE_URL=create(),
            ACCESS="token",
            ACCESS_ISSUERS=json.dumps(
                [*json.loads(provider.issuers()), {"issuer": issuer.url, "prefix": "tokens:"}]
            ),
            ACCESS_ROLES=json.dumps(
                {"admin": ["group:it"], "viewer": ["group:freezers", "user:tokens:robot"]}
            ),
            SIGN_IN_CLIENT=provider.sign_in_client,
        ) as benchtop,
    ):
        yield Lab(benchtop, provider, issuer)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser with its own cookies."""
    context = browser.new_context(locale="en-GB")
    yield context
    context.close()


def sign_in(page: playwright.sync_api.Page, lab: Lab, person: Person = ADA, path: str = "/") -> None:
    """Open a page, and sign in on the way."""
    page.goto(lab.url + path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.get_by_role("button", name="Sign in with localhost").click()
    page.locator("#login").fill(person.user_name)
    page.locator("button[type=submit]").click()
    page.locator("input[type=password]").fill(person.password)
    page.locator("button[type=submit]").first.click()
    page.wait_for_url(lab.url + path)


def session(context: BrowserContext) -> str:
    """The cookie of the session."""
    return next(one["value"] for one in context.cookies() if one["name"] == COOKIE)


def be(context: BrowserContext, lab: Lab, cookie: str) -> None:
    """Give the browser a session. Chromium sends it to this machine without encryption, too."""
    url = lab.url.replace("http://", "https://")
    context.add_cookies([{"name": COOKIE, "value": cookie, "url": url, "secure": True, "httpOnly": True}])


def signed_in_as(page: playwright.sync_api.Page, text: str) -> None:
    """Read who is signed in at the top of the page."""
    expect(page.get_by_role("banner").get_by_text(text).locator("visible=true")).to_be_visible()


def test_a_person_signs_in_acts_signs_out_and_the_old_session_is_refused_everywhere(
    context: BrowserContext, lab: Lab
) -> None:
    page = context.new_page()
    sign_in(page, lab, path="/inventory/ui/sites/new?from=a%20link")
    signed_in_as(page, "Ada Lovelace · admin")
    page.get_by_label("Name").fill("The site of Ada")
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("status")).to_contain_text("The site The site of Ada was added.")
    old = session(context)
    assert set(lab.statuses(old).values()) == {200}

    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("main")).to_contain_text("You are signed out.")
    assert [one for one in context.cookies() if one["name"] == COOKIE] == []
    began = time.monotonic()
    assert lab.statuses(old)["status"] == 401
    while set(lab.statuses(old).values()) != {401}:
        assert time.monotonic() - began < SECONDS, lab.statuses(old)
        time.sleep(0.1)


def test_the_cookie_of_a_session_is_kept_by_this_host_only_and_hidden_from_scripts(
    context: BrowserContext, lab: Lab
) -> None:
    page = context.new_page()
    sign_in(page, lab)
    (cookie,) = [one for one in context.cookies() if one["name"] == COOKIE]
    flags = {name: cookie[name] for name in ("domain", "path", "httpOnly", "secure", "sameSite")}
    assert flags == {
        "domain": "127.0.0.1",
        "path": "/",
        "httpOnly": True,
        "secure": True,
        "sameSite": "Lax",
    }
    assert COOKIE not in page.evaluate("document.cookie")


def test_a_person_sees_only_what_the_role_allows(context: BrowserContext, lab: Lab) -> None:
    page = context.new_page()
    sign_in(page, lab, GRACE, "/inventory/ui/freezers")
    signed_in_as(page, "Grace Hopper · viewer")
    expect(page.get_by_role("link", name="Add a freezer")).to_have_count(0)
    page.goto(f"{lab.url}/inventory/ui/freezers/new")
    expect(page.get_by_role("main")).to_contain_text("grace@lab.example may not create freezers.")


def test_keys_of_the_provider_that_rotate_sign_nobody_out_and_sign_others_in(
    context: BrowserContext, browser: Browser, lab: Lab
) -> None:
    page = context.new_page()
    sign_in(page, lab)
    lab.provider.rotate()
    page.reload()
    signed_in_as(page, "Ada Lovelace")
    with another(browser) as other:
        later = other.new_page()
        sign_in(later, lab, GRACE)
        signed_in_as(later, "Grace Hopper")


def test_while_the_provider_is_out_people_who_are_signed_in_go_on(
    context: BrowserContext, browser: Browser, lab: Lab
) -> None:
    page = context.new_page()
    sign_in(page, lab)
    lab.provider.stop()
    try:
        for path in ("/", "/inventory/ui/containers", "/balances/ui/", "/status/me"):
            response = page.goto(lab.url + path)
            assert response
            assert response.status == 200
            signed_in_as(page, "Ada Lovelace · admin")
        with another(browser) as other:
            later = other.new_page()
            alert = later.get_by_role("alert")
            for _ in range(20):  # until the address of the provider is asked for again
                later.goto(f"{lab.url}/status/sign-in")
                later.get_by_role("button", name="Sign in with localhost").click(no_wait_after=True)
                later.wait_for_timeout(1000)
                if alert.count():
                    break
            expect(alert).to_contain_text("The provider cannot be reached now.")
    finally:
        lab.provider.start()


@contextmanager
def another(browser: Browser) -> Iterator[BrowserContext]:
    """A second browser."""
    context = browser.new_context(locale="en-GB")
    try:
        yield context
    finally:
        context.close()


def test_a_person_signs_in_with_a_pasted_token(context: BrowserContext, lab: Lab) -> None:
    page = context.new_page()
    page.goto(f"{lab.url}/inventory/ui/freezers")
    page.get_by_label("Token", exact=True).fill(lab.issuer.token("robot"))
    page.get_by_role("button", name="Sign in with the token").click()
    page.wait_for_url(f"{lab.url}/inventory/ui/freezers")
    signed_in_as(page, "tokens:robot · viewer")
    page.goto(f"{lab.url}/status/me")
    expect(page.get_by_role("main")).to_contain_text("It ends with the token that you pasted")


def test_a_token_of_another_audience_is_explained_beside_its_field(context: BrowserContext, lab: Lab) -> None:
    page = context.new_page()
    page.goto(f"{lab.url}/status/sign-in")
    page.get_by_label("Token", exact=True).fill(lab.issuer.token("robot", audience="another"))
    page.get_by_role("button", name="Sign in with the token").click()
    expect(page.get_by_role("alert")).to_contain_text("The token is not for the audience benchtop")
    assert [one for one in context.cookies() if one["name"] == COOKIE] == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"], ids=["another port", "another site"])
@pytest.mark.parametrize(
    "path", ["/inventory/ui/sites/new", "/inventory/v1/sites", "/status/sign-out", "/status/sign-in"]
)
def test_a_form_of_another_origin_is_refused_although_the_session_is_valid(
    context: BrowserContext, lab: Lab, host: str, path: str
) -> None:
    be(context, lab, lab.session_of_ada())
    form = (
        f'<!doctype html><html lang="en"><title>Prizes</title><form method="post" action="{lab.url}{path}">'
        '<input name="name" value="The site of Mallory"><button>Win</button></form></html>'
    )
    with serving({"/": Answer(form)}) as other:
        page = context.new_page()
        page.goto(other.origin.replace("127.0.0.1", host))
        with page.expect_navigation() as navigation:
            page.get_by_role("button").click()
        assert navigation.value.status == 403
    assert set(lab.statuses(session(context)).values()) == {200}
    token = lab.issuer.token("robot")
    sites = httpx.get(
        f"{lab.url}/inventory/v1/sites?limit=1000", headers={"Authorization": f"Bearer {token}"}
    )
    assert "Mallory" not in sites.text


@pytest.mark.parametrize(
    "next_page",
    ["//localhost:9/", "/\\localhost:9/", "https://evil.example/", "/%0d%0ax", "/inventory/..//localhost:9/"],
)
def test_no_link_to_the_sign_in_page_leads_away_afterwards(
    context: BrowserContext, lab: Lab, next_page: str
) -> None:
    page = context.new_page()
    page.goto(f"{lab.url}/status/sign-in?next={next_page}")
    page.get_by_label("Token", exact=True).fill(lab.issuer.token("robot"))
    page.get_by_role("button", name="Sign in with the token").click()
    page.wait_for_url(f"{lab.url}/")


def test_a_live_part_of_a_page_says_that_the_session_has_ended_and_stays(
    context: BrowserContext, lab: Lab
) -> None:
    be(context, lab, lab.session_of_ada())
    page = context.new_page()
    page.goto(f"{lab.url}/")
    freezers = page.get_by_role("region", name="Freezers")
    expect(freezers).to_contain_text("containers")
    shown = freezers.inner_text()
    context.clear_cookies()
    page.evaluate(LOOK_AGAIN)
    message = page.get_by_role("status").get_by_role("link", name="Sign in again")
    expect(message).to_be_visible()
    assert message.get_attribute("href") == "/status/sign-in?next=%2F"
    assert freezers.inner_text() == shown

    be(context, lab, lab.session_of_ada())
    page.evaluate(LOOK_AGAIN)
    expect(message).to_have_count(0)


LOOK_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
"""What a browser says when a person comes back to a tab; its parts are then requested at once."""


def test_trying_an_operation_of_the_api_says_that_nobody_is_signed_in(
    context: BrowserContext, lab: Lab
) -> None:
    page = context.new_page()
    page.goto(f"{lab.url}/inventory/docs")
    page.locator("form[data-try]").first.evaluate("form => { form.closest('details').open = true }")
    page.locator("form[data-try]").first.get_by_role("button").click()
    link = page.locator("form[data-try]").first.get_by_role("link", name="Sign in")
    expect(link).to_be_visible()
    assert link.get_attribute("href") == "/status/sign-in?next=%2Finventory%2Fdocs"


def test_what_was_typed_before_the_session_ended_is_sent_after_signing_in_again(
    context: BrowserContext, lab: Lab
) -> None:
    be(context, lab, lab.session_of_ada())
    page = context.new_page()
    page.goto(f"{lab.url}/inventory/ui/sites/new")
    context.clear_cookies()
    page.get_by_label("Name").fill("Töchter & <Söhne>")
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("main")).to_contain_text("Nothing was changed.")
    with context.expect_page() as opened:
        page.get_by_role("link", name="Sign in (opens in a new tab)").click()
    tab = opened.value
    tab.wait_for_load_state()
    assert tab.url == f"{lab.url}/status/sign-in?next=/status/me"
    be(context, lab, lab.session_of_ada())
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("status")).to_contain_text("The site Töchter & <Söhne> was added.")


def test_after_signing_out_the_back_button_shows_nothing(context: BrowserContext, lab: Lab) -> None:
    be(context, lab, lab.session_of_ada())
    page = context.new_page()
    page.goto(f"{lab.url}/inventory/ui/people")
    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("main")).to_contain_text("You are signed out.")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_keys_of_sessions_that_are_replaced_sign_everybody_out(browser: Browser, lab: Lab) -> None:
    before = lab.keys.read_text()
    cookie = lab.session_of_ada()
    try:
        lab.keys.write_text(f"{new_key()}\n{before}")
        wait_for(lab, cookie, 200)
        lab.keys.write_text(f"{new_key()}\n")
        wait_for(lab, cookie, 401)
        with another(browser) as context:
            be(context, lab, cookie)
            page = context.new_page()
            page.goto(f"{lab.url}/inventory/ui/containers")
            expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    finally:
        lab.keys.write_text(before)
        wait_for(lab, cookie, 200)


def wait_for(lab: Lab, cookie: str, status: int) -> None:
    """Wait until every service answers with a status code; the file of the keys is looked at every two seconds."""
    deadline = time.monotonic() + SECONDS
    time.sleep(2.1)
    while set(lab.statuses(cookie).values()) != {status}:
        assert time.monotonic() < deadline, lab.statuses(cookie)
        time.sleep(0.1)


ROLES: dict[str, Any] = {"admin": ("it",), "viewer": ("freezers",), "nobody": ()}

PAGES = [
    ("admin", Page("signed-in-portal", "/")),
    ("admin", Page("signed-in-account", "/status/me")),
    ("viewer", Page("signed-in-freezers", "/inventory/ui/freezers")),
    ("viewer", Page("signed-in-sign-in", "/status/sign-in")),
    ("viewer", Page("signed-in-sign-out", "/status/sign-out")),
    ("viewer", Page("signed-in-forbidden", "/inventory/ui/freezers/new", status=403)),
    ("nobody", Page("signed-in-without-role", "/status/ui/", status=403)),
    ("nobody", Page("signed-in-without-role-portal", "/")),
    ("", Page("signed-out-sign-in", "/status/sign-in?signed-out=yes")),
    ("", Page("signed-out-sign-out", "/status/sign-out")),
    ("", Page("signed-out-not-found", "/status/ui/nothing", status=404)),
    ("", Page("signed-out-lost", "/status/sign-in/callback?state=x", status=400)),
]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize(("role", "page"), PAGES, ids=[page.name for _, page in PAGES])
def test_a_page_has_no_fault_whoever_looks_at_it(
    browser: Browser, lab: Lab, role: str, page: Page, script: bool
) -> None:
    faults = []
    with looking(browser, lab.url, View(script=script), announced={page.status}) as shown:
        if role:
            cookie = session_of(
                lab.keys, f"{role}-{'x' * 60}@lab.example", LONG, *ROLES[role], issuer=lab.provider.url
            )
            be(shown.context, lab, cookie)
        response = shown.goto(lab.url + page.path)
        assert response is not None
        for view in looked_at(shown, script=script):
            shown.screenshot(path=SCREENSHOTS / f"{page.name}-{view}.png", full_page=True)
            found = [*page_faults(shown, response, page), *(violations(shown) if script else ())]
            faults += [f"{view}: {fault}" for fault in found]
        assert not faults, "\n".join(faults)
