"""The checks themselves: each finds its fault in a page that is made up, and none in a page without faults."""

import pytest
from playwright.sync_api import Browser
from tests.browser.accessibility import changed_by_scripts, violations
from tests.browser.browsing import looking, open_page
from tests.browser.keyboard import keyboard_faults
from tests.browser.page_faults import page_faults
from tests.browser.pages import Page
from tests.browser.serving import Answer, serving
from tests.browser.views import View

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}

GOOD = """\
<!doctype html>
<html lang="en">
<head>
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Freezers · Benchtop</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/style.css">
<script type="module" src="/script.js"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header><nav aria-label="Services"><a href="/">Inventory</a></nav></header>
<main id="main" tabindex="-1">
<h1>Freezers</h1>
<p>There are two.</p>
<form method="post"><label>Name <input name="name"></label> <button>Add</button></form>
</main>
</body>
</html>
"""

STYLE = (
    "body { background: #fff; color: #17212b } a, button, input { display: inline-block; min-height: 24px }"
)

FREEZERS = Page("freezers", "/")


def answers(html: str, *, script: str = "", style: str = "", **changed: str) -> dict[str, Answer]:
    """A page with its files. `changed` replaces headers; their names have underscores."""
    headers = HEADERS | {name.replace("_", "-").title(): value for name, value in changed.items()}
    return {
        "/": Answer(html, headers),
        "/style.css": Answer(STYLE + style, media_type="text/css"),
        "/script.js": Answer(script, media_type="text/javascript"),
        "/icon.svg": Answer('<svg xmlns="http://www.w3.org/2000/svg"/>', media_type="image/svg+xml"),
        "/broken": Answer("", status=500),
    }


def found(browser: Browser, pages: dict[str, Answer], view: View | None = None) -> str:
    """All faults that the checks find, on one line each; the browser's own reports are among them."""
    faults: list[str] = []
    with serving(pages) as server:
        try:
            with looking(browser, server.origin, view or View(320)) as shown:
                response = open_page(shown, server.origin + "/")
                faults += page_faults(shown, response, FREEZERS)
                if view is None or view.script:
                    faults += violations(shown)
                faults += keyboard_faults(shown)
        except AssertionError as error:
            faults.append(str(error))
    return "\n".join(faults)


@pytest.mark.parametrize("view", [View(320), View(320, "dark"), View(1440, script=False)], ids=str)
def test_a_page_without_faults_passes(browser: Browser, view: View) -> None:
    assert found(browser, answers(GOOD), view) == ""


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ('lang="en"', 'lang="de"', "The lang attribute"),
        ("<title>Freezers", "<title>Sites", "does not have the words"),
        ("<p>There are two.</p>", "<h1>Two</h1>", "there must be one"),
        ('<meta name="viewport"', '<meta name="robots"', "name=viewport"),
        ("header>", "div>", "banner landmarks"),
        ("nav", "div", "no visible navigation landmark"),
        ("main", "section", "main landmarks"),
        ("There are two.", "x" * 100_000, "bytes, more than 100000"),
        ("There are two.", "x" * 100, "px wide in a window of 320 px"),
        ("<label>Name <input", "<label>Name</label><input", "axe: label"),
        ("<p>", "<p style='color: red'>", "Content-Security-Policy: style-src"),
        ("<p>", "<p><img alt='' src='http://example.org/x.png'>", "img-src forbids http://example.org"),
        ("<p>", "<p><img alt='' src='/nothing'>", "status of 404"),
        ("<p>", "<p><img alt='' src='/broken'>", "response 500: GET"),
        ('<a class="skip" href="#main">', '<a class="skip" href="#nowhere">', "no link to the main content"),
        ("<button>", "<button tabindex='-1'>", "Tab does not reach <button"),
        ("<button>", "<button tabindex='1'>", "Tab reaches this later"),
        ("<p>", "<p contenteditable>", "no link, button or field: <p"),
    ],
)
def test_a_fault_in_the_html_is_found(browser: Browser, right: str, wrong: str, fault: str) -> None:
    assert right in GOOD
    assert fault in found(browser, answers(GOOD.replace(right, wrong)))


@pytest.mark.parametrize(
    ("style", "fault"),
    [
        ("p { color: #aaa }", "axe: color-contrast"),
        ("button { outline: none }", "The focus cannot be seen on <button"),
        ("a.skip { position: absolute; left: -9999px }", "not in the window: <a"),
    ],
)
def test_a_fault_in_the_style_is_found(browser: Browser, style: str, fault: str) -> None:
    assert fault in found(browser, answers(GOOD, style=style))


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("throw new Error('no freezer')", "JavaScript error: no freezer"),
        ("console.error('no freezer')", "error on the console: no freezer"),
        ("alert(1)", "dialog: alert '1'"),
        ("fetch('http://example.org/').catch(() => {})", "request to another origin: GET http://example.org"),
        ("new WebSocket('ws://example.org/')", "Content-Security-Policy: connect-src"),
        (
            "document.querySelector('input').addEventListener('keydown', event => event.preventDefault())",
            "Tab never leaves <input",
        ),
    ],
)
def test_a_fault_of_a_script_is_found(browser: Browser, script: str, fault: str) -> None:
    assert fault in found(browser, answers(GOOD, script=script, content_security_policy=OPEN))


OPEN = HEADERS["Content-Security-Policy"].replace("connect-src 'self'", "connect-src 'self' http:")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("content_security_policy", HEADERS["Content-Security-Policy"] + "; style-src-attr 'unsafe-inline'"),
        (
            "content_security_policy",
            HEADERS["Content-Security-Policy"].replace("img-src 'self'", "img-src *"),
        ),
        ("content_security_policy", HEADERS["Content-Security-Policy"].replace("frame-ancestors 'none'", "")),
        ("content_security_policy", HEADERS["Content-Security-Policy"].replace("form-action 'self';", "")),
        ("content_security_policy", ""),
        ("x_content_type_options", ""),
        ("referrer_policy", "no-referrer"),
        ("cache_control", "no-cache"),
    ],
)
def test_a_header_that_is_missing_or_too_lax_is_found(browser: Browser, header: str, value: str) -> None:
    assert header.replace("_", "-") in found(browser, answers(GOOD, **{header: value})).lower()


def test_an_error_without_javascript_is_found(browser: Browser) -> None:
    inline = GOOD.replace("<p>", "<p style='color: red'>")
    assert "Applying inline style violates" in found(browser, answers(inline), View(script=False))


def test_a_document_that_a_script_changes_is_known(browser: Browser) -> None:
    for script, changed in (("", False), ("document.querySelector('p').append('!')", True)):
        with (
            serving(answers(GOOD, script=script)) as server,
            looking(browser, server.origin, View()) as shown,
        ):
            response = open_page(shown, server.origin + "/")
            assert changed_by_scripts(shown, response.text()) is changed
