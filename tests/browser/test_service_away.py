"""One service does not respond: the portal says which one, shows what the others say, and heals by itself."""

import signal
import time
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Browser, expect
from tests.browser.browsing import looking, open_page
from tests.browser.page_faults import page_faults
from tests.browser.pages import Page
from tests.browser.views import View
from tests.support.databases import NewDatabase
from tests.support.processes import Running, Start

NOWHERE = "http://127.0.0.1:1"
PORTAL = Page("portal", "/")


@pytest.fixture
def start_service(start: Start, new_database: NewDatabase) -> Callable[..., Running]:
    """Starts a service as a process of its own, with an empty database."""

    def run(name: str, **environment: str) -> Running:
        url = {} if name == "status" else {"DATABASE_URL": new_database()}
        return start(name, "serve", LOG_LEVEL="error", **url, **environment)

    return run


def problem_of(portal: str) -> dict[str, bool]:
    """For each service that the portal asks, whether it says that something is wrong with it."""
    response = httpx.get(portal, headers={"Accept": "text/html"}, timeout=30)
    assert response.status_code == 200
    assert "Traceback" not in response.text
    bad = ("cannot be reached", "did not answer", "does not answer")
    return {
        name: any(f"{name} {words}" in response.text for words in bad) for name in ("Inventory", "Balances")
    }


def wait_for_problems(portal: str, expected: dict[str, bool]) -> None:
    """Wait until the portal says this; it may remember an answer for a few seconds."""
    deadline = time.monotonic() + 60
    while (found := problem_of(portal)) != expected:
        assert time.monotonic() < deadline, found
        time.sleep(0.5)


def test_the_portal_names_the_service_that_cannot_be_reached(
    browser: Browser, start_service: Callable[..., Running]
) -> None:
    inventory = start_service("inventory")
    status = start_service("status", INVENTORY_URL=inventory.url, BALANCES_URL=NOWHERE)
    wait_for_problems(status.url, {"Inventory": False, "Balances": True})
    with looking(browser, status.url, View(320)) as shown:
        faults = list(page_faults(shown, open_page(shown, status.url), PORTAL))
        assert not faults, "\n".join(faults)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_the_portal_heals_when_a_service_that_hung_responds_again(
    browser: Browser, start_service: Callable[..., Running], script: bool
) -> None:
    """With JavaScript by itself, otherwise when the page is loaded again."""
    inventory, balances = start_service("inventory"), start_service("balances")
    status = start_service("status", INVENTORY_URL=inventory.url, BALANCES_URL=balances.url)
    wait_for_problems(status.url, {"Inventory": False, "Balances": False})
    inventory.process.send_signal(signal.SIGSTOP)
    try:
        wait_for_problems(status.url, {"Inventory": True, "Balances": False})
        with looking(browser, status.url, View(script=script), announced={502, 503}) as shown:
            open_page(shown, status.url)
            main = shown.get_by_role("main")
            expect(main).to_contain_text("Inventory did not answer", timeout=30_000)
            inventory.process.send_signal(signal.SIGCONT)
            if not script:
                wait_for_problems(status.url, {"Inventory": False, "Balances": False})
                shown.reload()
            expect(main).not_to_contain_text("Inventory did not answer", timeout=60_000)
    finally:
        inventory.process.send_signal(signal.SIGCONT)
    wait_for_problems(status.url, {"Inventory": False, "Balances": False})
