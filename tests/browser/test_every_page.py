"""Every page in every view: complete, accessible, within its window, and with the headers that protect it."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.browser.accessibility import changed_by_scripts, violations
from tests.browser.benchtop import Benchtop
from tests.browser.browsing import looking, open_page
from tests.browser.page_faults import page_faults
from tests.browser.pages import PAGES, Page
from tests.browser.views import VIEWS, View

SCREENSHOTS = Path(".local/screenshots")


@pytest.mark.parametrize("view", VIEWS, ids=str)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_no_fault(browser: Browser, benchtop: Benchtop, page: Page, view: View) -> None:
    path = page.path_in(benchtop)
    announced = {page.status}
    with looking(browser, benchtop.url, view, announced=announced) as shown:
        response = open_page(shown, benchtop.url + path)
        shown.screenshot(path=SCREENSHOTS / f"{page.name}-{view}.png", full_page=True)
        faults = list(page_faults(shown, response, page))
        changed = view.script and changed_by_scripts(shown, response.text())
        if view.script:
            faults += violations(shown)
        assert not faults, "\n".join(faults)
    if changed:
        with looking(browser, benchtop.url, view, announced=announced, without_scripts=True) as shown:
            shown.goto(benchtop.url + path)
            found = list(violations(shown))
            assert not found, "\n".join(["Without the scripts of the page:", *found])
