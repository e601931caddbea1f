"""Every page in every view: complete, accessible, within its window, and with the headers that protect it."""

from collections.abc import Iterator
from pathlib import Path

import playwright.sync_api
import pytest
from playwright.sync_api import Browser
from tests.browser.accessibility import changed_by_scripts, violations
from tests.browser.benchtop import Benchtop
from tests.browser.browsing import looking, open_page
from tests.browser.page_faults import page_faults
from tests.browser.pages import PAGES, Page
from tests.browser.views import VIEWS, View

SCREENSHOTS = Path(".local/screenshots")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_no_fault(browser: Browser, benchtop: Benchtop, page: Page, script: bool) -> None:
    path = page.path_in(benchtop)
    announced = {page.status}
    faults = []
    with looking(browser, benchtop.url, View(script=script), announced=announced) as shown:
        response = open_page(shown, benchtop.url + path)
        for view in looked_at(shown, script=script):
            shown.screenshot(path=SCREENSHOTS / f"{page.name}-{view}.png", full_page=True)
            found = [*page_faults(shown, response, page), *(violations(shown) if script else ())]
            faults += [f"{view}: {fault}" for fault in found]
        assert not faults, "\n".join(faults)
        changed = script and changed_by_scripts(shown, response.text())
    if changed:
        with looking(browser, benchtop.url, View(), announced=announced, without_scripts=True) as shown:
            shown.goto(benchtop.url + path)
            for view in looked_at(shown, script=script):
                faults += [f"{view}, without the scripts of the page: {fault}" for fault in violations(shown)]
            assert not faults, "\n".join(faults)


def looked_at(shown: playwright.sync_api.Page, *, script: bool) -> Iterator[View]:
    """Give the window each width, and the browser each colour scheme."""
    for view in VIEWS:
        if view.script == script:
            shown.set_viewport_size({"width": view.width, "height": view.height})
            shown.emulate_media(color_scheme=view.scheme)
            yield view
