"""Every page with the Tab key alone: everything is reached, in order, and the focus can be seen."""

import pytest
from playwright.sync_api import Browser
from tests.browser.benchtop import Benchtop
from tests.browser.browsing import looking, open_page
from tests.browser.keyboard import keyboard_faults
from tests.browser.pages import PAGES, Page
from tests.browser.views import View

FROM_THE_TOP = [page for page in PAGES if page.name != "parts-errors"]
"""All pages but the form that was refused: the summary of its errors has the focus, so Tab begins there."""


VIEWS = [View(320), View(1440, script=False)]


@pytest.mark.parametrize("view", VIEWS, ids=str)
@pytest.mark.parametrize("page", FROM_THE_TOP, ids=lambda page: page.name)
def test_tab_reaches_everything_in_order_and_shows_where_it_is(
    browser: Browser, benchtop: Benchtop, page: Page, view: View
) -> None:
    with looking(browser, benchtop.url, view, announced={page.status}) as shown:
        open_page(shown, benchtop.url + page.path_in(benchtop))
        faults = list(keyboard_faults(shown))
        assert not faults, "\n".join(faults)
