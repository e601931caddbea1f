"""Chromium, and contexts in which everything that goes wrong fails the test."""

import os
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Response
from tests.browser.views import View
from tests.browser.watching import Watch

NAMES = ("lab.test", "evil.test")
"""Host names that lead to this machine, in the browser only."""

SCRIPTS = re.compile(r"\.js(\?|$)")


def launch(playwright: Playwright, names: Mapping[str, str] | None = None, *options: str) -> Browser:
    """Start the Chromium on PATH. Root needs `--no-sandbox`, because Chromium refuses to run as root with a sandbox.

    Args:
        playwright: the library.
        names: the address to which each host name leads; `NAMES` lead to this machine.
        options: more options of Chromium.
    """
    path = shutil.which("chromium")
    if path is None:
        raise RuntimeError("Chromium is not on PATH. Debian: apt-get install chromium")
    mapped = {**dict.fromkeys(NAMES, "127.0.0.1"), **(names or {})}
    rules = ",".join(f"MAP {name} {address}" for name, address in mapped.items())
    arguments = [f"--host-resolver-rules={rules}", *options]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return playwright.chromium.launch(executable_path=path, args=arguments)


FILLED = """
() => [...document.querySelectorAll('[data-live][data-now]')]
    .every(part => part.dataset.shown !== undefined || part.classList.contains('stale'))
"""


@contextmanager
def looking(
    browser: Browser,
    origin: str,
    view: View,
    *,
    announced: Collection[int] = (),
    without_scripts: bool = False,
) -> Iterator[Page]:
    """Open an empty page in a context of its own; at the end of the block, fail if a fault was recorded.

    Args:
        browser: the browser.
        origin: the only origin to which requests may go.
        view: the window and the settings of the browser.
        announced: status codes that the test expects although they are errors.
        without_scripts: abort the page's own scripts, but leave JavaScript on for the test: axe needs it.
    """
    context = browser.new_context(
        viewport={"width": view.width, "height": view.height},
        color_scheme=view.scheme,
        java_script_enabled=view.script,
        service_workers="block",
        locale="en-GB",
    )
    try:
        watch = Watch(context, [origin], announced, SCRIPTS if without_scripts else None)
        page = context.new_page()
        try:
            yield page
        except BaseException as error:
            if watch.faults:
                error.add_note("\n".join(["The browser also reported:", *watch.faults]))
            raise
        _settle(context)
        assert not watch.faults, "\n".join(["The browser reported:", *watch.faults])
    finally:
        context.close()


def open_page(page: Page, url: str) -> Response:
    """Open a URL, and wait until the parts that the page requests by itself are there."""
    response = page.goto(url)
    assert response is not None
    page.wait_for_function(FILLED)
    return response


def _settle(context: BrowserContext) -> None:
    """Wait until the events that Chromium has sent so far are handled."""
    for page in context.pages:
        page.evaluate("1")
