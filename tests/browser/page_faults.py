"""What is wrong with a page that is open in a browser, one sentence for each fault."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict, cast

import playwright.sync_api
from playwright.sync_api import Response
from tests.browser.pages import Page
from tests.browser.security_headers import header_faults

LARGEST = 100_000
"""Bytes of HTML, before compression, that a page without a chart may have, unless it is public."""

WORD = re.compile(r"\w+")

FACTS = Path(__file__).with_name("page_facts.js").read_text()


class Facts(TypedDict):
    """What `page_facts.js` returns."""

    title: str
    headings: list[str]
    language: str
    viewport: str
    main: int
    navigation: int
    banner: int
    width: int
    window: int
    wide: list[str]


def page_faults(shown: playwright.sync_api.Page, response: Response, page: Page) -> Iterator[str]:
    """The faults of a page and of the response that it came with."""
    if response.status != page.status:
        yield f"The status code is {response.status} instead of {page.status}."
    size = len(response.body())
    if size > LARGEST and not (page.with_chart or page.public):
        yield f"The HTML has {size} bytes, more than {LARGEST}."
    yield from header_faults(response.all_headers(), public=page.public)
    facts = cast("Facts", shown.evaluate(FACTS))
    yield from _structure_faults(facts)
    if facts["width"] > facts["window"]:
        yield (
            f"The page is {facts['width']} px wide in a window of {facts['window']} px."
            f" Too far to the right: {facts['wide']}"
        )


def _structure_faults(facts: Facts) -> Iterator[str]:
    if len(facts["headings"]) != 1:
        yield f"The visible h1 headings are {facts['headings']}; there must be one."
    elif missing := [word for word in WORD.findall(facts["headings"][0]) if word not in facts["title"]]:
        yield f"The title {facts['title']!r} does not have the words {missing} of the h1."
    if facts["language"] != "en":
        yield f"The lang attribute of html is {facts['language']!r} instead of 'en'."
    if "width=device-width" not in facts["viewport"]:
        yield "There is no <meta name=viewport content='width=device-width'>, so a phone shows a small desk."
    if facts["main"] != 1:
        yield f"There are {facts['main']} visible main landmarks; there must be one."
    if facts["banner"] != 1:
        yield f"There are {facts['banner']} visible banner landmarks; there must be one."
    if facts["navigation"] == 0:
        yield "There is no visible navigation landmark."
