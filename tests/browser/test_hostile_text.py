"""Whatever text the lab stores, every page shows it as text, runs nothing of it, and keeps its layout."""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple
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


class Visit(NamedTuple):
    """A path to open, and the texts that the page must show."""

    path: str
    texts: Sequence[str] = ()


class Laboratory(NamedTuple):
    """A Benchtop in which every text is hostile."""

    benchtop: Benchtop
    stored: Sequence[Stored]

    def rows(self, page: Page) -> Sequence[Stored]:
        """The rows that a page can show. Those that were not created here, such as notifications, have no texts."""
        plural = page.collection.rpartition("/")[2]
        created = [one for one in self.stored if one.plural == plural]
        if created:
            return created
        items = self.benchtop.get(page.collection)["items"]
        return [Stored("", plural, str(item["id"]), ()) for item in items]

    def short_texts(self, page: Page) -> Sequence[str]:
        """The texts that a list shows whole."""
        of_a_row = [one for one in ROWS if one.path == f"{page.path}/{{id}}"]
        rows = [row for one in of_a_row for row in self.rows(one)]
        return [text for row in rows for text in row.texts if len(text) <= SHORT]


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


def look(browser: Browser, laboratory: Laboratory, page: Page, visits: Sequence[Visit]) -> None:
    """Open a page on a phone: it has no fault, it shows the texts, and it has no element that was in a text."""
    assert visits
    faults = []
    with looking(browser, laboratory.benchtop.url, PHONE, announced={page.status}) as shown:
        for path, texts in visits:
            response = open_page(shown, laboratory.benchtop.url + path)
            found = [*page_faults(shown, response, page._replace(with_chart=True))]
            found += [
                f"not shown as text: {text[:80]!r}" for text in texts if not shown.evaluate(SHOWN, text)
            ]
            found += [f"in the document: {element[:80]}" for element in shown.evaluate(INJECTED)]
            faults += [f"{path[:80]}: {fault}" for fault in found]
        assert not faults, "\n".join(faults)


@pytest.mark.parametrize("page", ROWS, ids=lambda page: page.name)
def test_a_page_of_a_row_shows_hostile_text_as_text(
    browser: Browser, laboratory: Laboratory, page: Page
) -> None:
    names_all_fields = page.path.endswith("{id}")  # other pages of the row may show a part of it
    visits = [
        Visit(page.path.format(id=row.id), row.texts if names_all_fields else ())
        for row in laboratory.rows(page)
    ]
    look(browser, laboratory, page, visits)


@pytest.mark.parametrize("page", LISTS, ids=lambda page: page.name)
def test_a_page_with_hostile_rows_keeps_its_layout(
    browser: Browser, laboratory: Laboratory, page: Page
) -> None:
    look(browser, laboratory, page, [Visit(page.path, laboratory.short_texts(page))])


@pytest.mark.parametrize("page", SEARCHES, ids=lambda page: page.name)
def test_a_page_repeats_a_hostile_search_as_text(
    browser: Browser, laboratory: Laboratory, page: Page
) -> None:
    look(browser, laboratory, page, [Visit(f"{page.path}?q={quote(text[:200])}") for text in TEXTS.values()])


def test_the_error_page_shows_a_hostile_address_as_text(browser: Browser, laboratory: Laboratory) -> None:
    missing = Page("not-found", "/inventory/ui/nothing", status=404)
    visits = [Visit(f"/inventory/ui/{quote(text[:200], safe='')}") for text in TEXTS.values()]
    look(browser, laboratory, missing, visits)


def test_the_transactions_page_shows_hostile_vendors_as_text(
    browser: Browser, laboratory: Laboratory
) -> None:
    listed = laboratory.benchtop.get("/balances/v1/transactions", limit="1000")["items"]
    vendors = {row["Company"] for row in hostile_text.feed_page()["transactions"]}
    assert {row["vendor"] for row in listed} == vendors
    pages = [page for page in LISTS if page.path == "/balances/ui/transactions"]
    assert pages != [], "the page of transactions is not in the list of pages"
    look(browser, laboratory, pages[0], [Visit(pages[0].path, sorted(vendors))])


def test_every_kind_has_a_field_with_hostile_text(laboratory: Laboratory) -> None:
    assert all(one.texts for one in laboratory.stored)
