"""A running Benchtop with demo data, and one Chromium for each test process."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.browser import benchtop as local
from tests.browser.benchtop import Benchtop
from tests.browser.browsing import launch
from tests.support.databases import creating_databases


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def benchtop(
    postgres: str, service_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Benchtop]:
    """Benchtop with demo data, which no test changes."""
    with (
        creating_databases(postgres, service_server) as create,
        local.running(tmp_path_factory.mktemp("benchtop"), DATABASE_URL=create()) as benchtop,
    ):
        yield benchtop
