"""Nothing is stored yet: every page says so, and what to do first."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.browser import benchtop as local
from tests.browser.accessibility import violations
from tests.browser.benchtop import Benchtop
from tests.browser.browsing import looking, open_page
from tests.browser.page_faults import page_faults
from tests.browser.pages import PAGES, Page
from tests.browser.test_every_page import SCREENSHOTS
from tests.browser.views import View
from tests.support.databases import creating_databases

WITHOUT_ROWS = [page for page in PAGES if "{" not in page.path and not page.public]

LISTS = [
    page
    for page in WITHOUT_ROWS
    if page.path.startswith("/inventory/ui/") and page.path.count("/") == 3 and page.status == 200
]


@pytest.fixture(scope="module")
def empty(postgres: str, service_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Benchtop]:
    with (
        creating_databases(postgres, service_server) as create,
        local.running(tmp_path_factory.mktemp("empty"), DATABASE_URL=create(), DEMO="0") as benchtop,
    ):
        yield benchtop


@pytest.mark.parametrize("page", WITHOUT_ROWS, ids=lambda page: page.name)
def test_a_page_without_data_has_no_fault(browser: Browser, empty: Benchtop, page: Page) -> None:
    view = View(320)
    with looking(browser, empty.url, view, announced={page.status}) as shown:
        response = open_page(shown, empty.url + page.path)
        shown.screenshot(path=SCREENSHOTS / f"{page.name}-empty-{view}.png", full_page=True)
        faults = [*page_faults(shown, response, page), *violations(shown)]
        assert not faults, "\n".join(faults)


@pytest.mark.parametrize("page", LISTS, ids=lambda page: page.name)
def test_an_empty_list_says_what_it_would_show_and_what_to_do(
    browser: Browser, empty: Benchtop, page: Page
) -> None:
    with looking(browser, empty.url, View(320)) as shown:
        open_page(shown, empty.url + page.path)
        main = shown.get_by_role("main")
        assert " yet" in main.inner_text()
        assert len(main.locator("p").first.inner_text()) > 20


@pytest.mark.parametrize(
    "page",
    [page for page in WITHOUT_ROWS if page.path.startswith("/balances/ui/") and page.status == 200],
    ids=lambda page: page.name,
)
def test_a_page_of_balances_without_a_feed_says_how_to_name_one(
    browser: Browser, empty: Benchtop, page: Page
) -> None:
    with looking(browser, empty.url, View(320)) as shown:
        open_page(shown, empty.url + page.path)
        assert "FEEDS" in shown.get_by_role("main").inner_text()
