"""People sign in with an OpenID Connect provider that runs on the cluster, in Chromium, and with a token."""

import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.browser.browsing import launch
from tests.e2e.cluster import Cluster, forwarded
from tests.e2e.conftest import Target, namespaces_of_our_own
from tests.e2e.figures import Figures
from tests.e2e.ingress import EACH_SERVICE, answered
from tests.e2e.provider import NAME, PORT, Provider
from tests.e2e.release import Release
from tests.e2e.tokens import Token
from tests.e2e.waiting import NotYet, until
from tests.support.openid_provider import ADA, GRACE, Person

from chassis.access.session_cookie import COOKIE

SPACE = "benchtop-e2e-sign-in"
SERVICES = ("status", "inventory", "balances")
SECONDS = 10.0
"""Time within which every pod must refuse a session that has signed out."""

ASKED = 6
"""Requests to each service: enough for the Ingress controller to choose each of its two pods."""


@pytest.fixture(scope="module")
def origin(images: Target) -> str:
    """Where people open Benchtop. A browser keeps a session without https only on its own machine."""
    return f"http://localhost:{urlsplit(images.url).port or 80}"


@pytest.fixture(scope="module")
def provider(cluster: Cluster, origin: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """The provider, in the namespace of the release."""
    with namespaces_of_our_own(cluster, SPACE):
        found = Provider(
            cluster, SPACE, f"{origin}/status/sign-in/callback", tmp_path_factory.mktemp("provider")
        )
        found.start()
        yield found


@pytest.fixture(scope="module")
def own(cluster: Cluster, images: Target, provider: Provider, origin: str) -> Release:
    """A release in which people sign in at the provider."""
    authorities = {"name": "authorities"}
    client = {"name": "client"}
    for one in (
        {"kind": "ConfigMap", "metadata": authorities, "data": {"ca.crt": provider.authority}},
        {"kind": "Secret", "metadata": client, "stringData": {"client.json": provider.client}},
    ):
        cluster.create({"apiVersion": "v1", **one}, SPACE)
    values: dict[str, Any] = {
        name: {
            "image": {"repository": images.prefix + name, "tag": images.tag},
            "settings": {"PUBLIC_ORIGIN": origin},
        }
        for name in SERVICES
    }
    values["status"]["access"] = {"oidc": {"existingSecret": "client"}}
    values |= {
        "global": {
            "trustedCertificates": {"existingConfigMap": "authorities"},
            "access": {
                "issuers": [{"issuer": "kubernetes"}, provider.issuer],
                "roles": {"admin": ["group:it"], "viewer": ["group:freezers"]},
            },
        },
        "ingress": {"host": "localhost"},
        "postgresql": {"enabled": True},
    }
    found = Release(cluster, "benchtop", SPACE, values)
    found.install()
    return found


@pytest.fixture(scope="module")
def client(own: Release, images: Target) -> Iterator[httpx.Client]:
    """A client without a token, which opens a connection for each request, so that every pod is asked."""
    limits = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(
        base_url=images.url, headers={"Host": own.host}, limits=limits, timeout=30, trust_env=False
    ) as found:
        for path in EACH_SERVICE:
            answered(found, path)
        yield found


@pytest.fixture
def browser(images: Target, provider: Provider) -> Iterator[Browser]:
    """Chromium, for which the names of the cluster lead to it."""
    ingress = urlsplit(images.url)
    with (
        forwarded(SPACE, f"service/{NAME}", PORT) as there,
        sync_playwright() as playwright,
    ):
        names = {
            f"{provider.host}:{PORT}": there.removeprefix("http://"),
            f"localhost:{ingress.port or 80}": f"{ingress.hostname}:{ingress.port or 80}",
        }
        found = launch(playwright, names, "--ignore-certificate-errors")
        yield found
        found.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser with its own cookies."""
    found = browser.new_context(locale="en-GB")
    yield found
    found.close()


def sign_in(page: Page, origin: str, person: Person, path: str) -> None:
    """Open a page, and sign in on the way."""
    page.goto(origin + path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.get_by_role("button", name=re.compile("Sign in with provider")).click()
    page.locator("#login").fill(person.user_name)
    page.locator("button[type=submit]").click()
    page.locator("input[type=password]").fill(person.password)
    page.locator("button[type=submit]").first.click()
    page.wait_for_url(origin + path)


def signed_in_as(page: Page, text: str) -> None:
    """Read who is signed in at the top of the page."""
    expect(page.get_by_role("banner").get_by_text(text).locator("visible=true")).to_be_visible()


def session(context: BrowserContext) -> str:
    """The cookie of the session."""
    return next(str(one.get("value")) for one in context.cookies() if one.get("name") == COOKIE)


def everywhere(status: int) -> dict[str, set[int]]:
    """The status code of every pod of every service."""
    return {name: {status} for name in SERVICES}


def statuses(client: httpx.Client, cookie: str) -> dict[str, set[int]]:
    """The status codes of the pods of each service for a session."""
    headers = {"Cookie": f"{COOKIE}={cookie}"}
    return {
        name: {client.get(f"/{name}/v1/me", headers=headers).status_code for _ in range(ASKED)}
        for name in SERVICES
    }


def test_a_person_signs_in_comes_back_acts_and_signs_out_everywhere(
    context: BrowserContext, client: httpx.Client, origin: str, figures: Figures
) -> None:
    page = context.new_page()
    sign_in(page, origin, ADA, "/inventory/ui/sites/new?from=a%20link")
    signed_in_as(page, "Ada Lovelace · admin")
    page.get_by_label("Name").fill("The site of Ada")
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("status")).to_contain_text("The site The site of Ada was added.")
    old = session(context)
    assert statuses(client, old) == everywhere(200)

    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("main")).to_contain_text("You are signed out.")
    start = time.monotonic()

    def refused() -> None:
        if (seen := statuses(client, old)) != everywhere(401):
            raise NotYet(str(seen))

    until("every pod refuses the session", refused, seconds=SECONDS)
    figures.note("a session that signed out is refused after", time.monotonic() - start, "s", below=SECONDS)


def test_the_keys_of_the_provider_change_while_a_person_is_signed_in(
    context: BrowserContext, provider: Provider, client: httpx.Client, origin: str
) -> None:
    page = context.new_page()
    sign_in(page, origin, ADA, "/inventory/ui/sites")
    provider.rotate()
    page.reload()
    signed_in_as(page, "Ada Lovelace · admin")
    assert statuses(client, session(context)) == everywhere(200)


def test_a_person_signs_in_with_the_new_key(context: BrowserContext, origin: str) -> None:
    page = context.new_page()
    sign_in(page, origin, GRACE, "/inventory/ui/sites")
    signed_in_as(page, "Grace Hopper · viewer")


def test_who_is_signed_in_goes_on_while_the_provider_is_down(
    context: BrowserContext, provider: Provider, client: httpx.Client, origin: str
) -> None:
    page = context.new_page()
    sign_in(page, origin, ADA, "/inventory/ui/sites")
    provider.stop()
    try:
        for path in ("/", "/inventory/ui/sites", "/balances/ui/"):
            page.goto(origin + path)
            signed_in_as(page, "Ada Lovelace · admin")
        assert statuses(client, session(context)) == everywhere(200)
    finally:
        provider.start()


def test_the_first_person_signs_in_with_a_token(context: BrowserContext, own: Release, origin: str) -> None:
    page = context.new_page()
    page.goto(f"{origin}/status/sign-in")
    page.locator("#token").fill(Token(SPACE, f"{own.name}-admin").text)
    page.get_by_role("button", name="Sign in with the token").click()
    page.wait_for_url(f"{origin}/")
    signed_in_as(page, f"system:serviceaccount:{SPACE}:{own.name}-admin · admin")
