"""A running Benchtop with demo data, one Chromium for each test process, and which tests run in the same process."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.browser import benchtop as local
from tests.browser.benchtop import Benchtop
from tests.browser.browsing import launch
from tests.support.databases import creating_databases
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

SPREAD = ("test_every_page.py", "test_keyboard.py", "test_checks.py")
"""Modules whose tests are spread over all processes. The tests of another module share what the module starts."""


class ByModule(LoadScopeScheduling):
    """Runs the tests of a module in the same process, except for those modules."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return nodeid if module.endswith(SPREAD) else module


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByModule:
    """Used with `--numprocesses`. `--dist loadgroup` would do the same, but pytest-xdist 3.8 cannot with pytest 9.2."""
    return ByModule(config, log)


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
