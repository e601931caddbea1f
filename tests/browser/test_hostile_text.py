"""Whatever text the lab stores, every page shows it as text, runs nothing of it, and keeps its layout."""

import json
from collections.abc import Iterator, Sequence
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser
from tests.browser import benchtop as local
from tests.browser import hostile_text
from tests.browser.benchtop import Benchtop
from tests.browser.browsing import looking, open_page
from tests.browser.hostile_text import TEXTS, Stored
from tests.browser.page_faults import page_faults
from tests.browser.pages import PAGES, Page
from tests.browser.views import View
from tests.support.databases import creating_databases

PHONE = View(320)

SHOWN = """
text => document.body.textContent.includes(text)
    || [...document.querySelectorAll('input, textarea')].some(field => field.value === text)
"""

INJECTED = """
() => [...document.querySelectorAll('[onerror], img[src="x"], script:not([src])')].map(element => element.outerHTML)
"""

ROWS = [page for page in PAGES if page.path.startswith("/inventory/ui/") and "{id}" in page.path]
"""Pages of one row."""

LISTS = [page for page in PAGES if "{" not in page.path and page.status == 200 and not page.public]

SEARCHES = [page for page in LISTS if page.path.count("/") == 3 and "/ui/" in page.path]
"""Lists that have a search."""

SHORT = 100
"""Texts of at most this many characters are shown whole in a list."""


class Laboratory:
    """A Benchtop in which every text is hostile."""

    def __init__(self, benchtop: Benchtop, stored: Sequence[Stored]) -> None:
        self.benchtop = benchtop
        self.stored = stored

    def short_texts(self, page: Page) -> Sequence[str]:
        """The texts that the list of a kind shows whole."""
        rows = [one for one in self.stored if page.path == f"/inventory/ui/{one.plural}"]
        return [text for one in rows for text in one.texts if len(text) <= SHORT]


@pytest.fixture(scope="module")
def laboratory(
    postgres: str, service_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Laboratory]:
    feed = tmp_path_factory.mktemp("feed")
    (feed / "1.json").write_text(json.dumps(hostile_text.feed_page()))
    feeds = json.dumps({"hostile": {"url": str(feed), "currency": "CAD"}})
    with (
        creating_databases(postgres, service_server) as create,
        local.running(
            tmp_path_factory.mktemp("hostile"), DATABASE_URL=create(), FEEDS=feeds, DEMO="0"
        ) as benchtop,
    ):
        yield Laboratory(benchtop, hostile_text.store_everything(benchtop))


def look(browser: Browser, laboratory: Laboratory, path: str, page: Page, texts: Sequence[str]) -> None:
    """Open a page on a phone: it has no fault, it shows the texts, and it has no element that was in a text."""
    with looking(browser, laboratory.benchtop.url, PHONE) as shown:
        response = open_page(shown, laboratory.benchtop.url + path)
        faults = list(page_faults(shown, response, page._replace(with_chart=True)))
        faults += [f"not shown as text: {text[:80]!r}" for text in texts if not shown.evaluate(SHOWN, text)]
        faults += [f"in the document: {element[:80]}" for element in shown.evaluate(INJECTED)]
        assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("page", ROWS, ids=lambda page: page.name)
def test_a_page_of_a_row_shows_hostile_text_as_text(
    browser: Browser, laboratory: Laboratory, page: Page, name: str
) -> None:
    plural = page.path.split("/")[3]
    rows = [one for one in laboratory.stored if one.plural == plural and one.name == name]
    for row in rows:
        texts = row.texts if page.path.count("/") == 4 else ()  # other pages may name the row only
        look(browser, laboratory, page.path.format(id=row.id), page, texts)


@pytest.mark.parametrize("page", LISTS, ids=lambda page: page.name)
def test_a_page_with_hostile_rows_keeps_its_layout(
    browser: Browser, laboratory: Laboratory, page: Page
) -> None:
    look(browser, laboratory, page.path, page, laboratory.short_texts(page))


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("page", SEARCHES, ids=lambda page: page.name)
def test_a_page_repeats_a_hostile_search_as_text(
    browser: Browser, laboratory: Laboratory, page: Page, name: str
) -> None:
    look(browser, laboratory, f"{page.path}?q={quote(TEXTS[name][:200])}", page, ())


@pytest.mark.parametrize("name", TEXTS)
def test_the_error_page_shows_a_hostile_address_as_text(
    browser: Browser, laboratory: Laboratory, name: str
) -> None:
    path = f"/inventory/ui/{quote(TEXTS[name][:200], safe='')}"
    missing = Page("not-found", path, status=404)
    with looking(browser, laboratory.benchtop.url, PHONE, announced={404}) as shown:
        response = open_page(shown, laboratory.benchtop.url + path)
        faults = [*page_faults(shown, response, missing), *shown.evaluate(INJECTED)]
        assert not faults, "\n".join(faults)


def test_the_transactions_page_shows_hostile_vendors_as_text(
    browser: Browser, laboratory: Laboratory
) -> None:
    listed = laboratory.benchtop.get("/balances/v1/transactions", limit="1000")["items"]
    vendors = {row["Company"] for row in hostile_text.feed_page()["transactions"]}
    assert {row["vendor"] for row in listed} == vendors
    pages = [page for page in LISTS if page.path == "/balances/ui/transactions"]
    assert pages != [], "the page of transactions is not in the list of pages"
    look(browser, laboratory, pages[0].path, pages[0], sorted(vendors))


def test_every_kind_has_a_field_with_hostile_text(laboratory: Laboratory) -> None:
    assert {one.plural for one in laboratory.stored if one.texts} == {one.plural for one in laboratory.stored}
