"""Walks through a page with the Tab key alone."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict, cast

from playwright.sync_api import JSHandle, Page

STOPS = Path(__file__).with_name("tab_stops.js").read_text()
FOCUSED = Path(__file__).with_name("focused.js").read_text()

INSIDE = 12
"""How often Tab may stay in one field: a date and time with its picker has eight parts."""


class Focused(TypedDict):
    """What `focused.js` returns."""

    index: int
    html: str
    scrolls: bool
    target: str
    shown: bool
    outlined: bool
    changed: bool


def keyboard_faults(page: Page) -> Iterator[str]:
    """One sentence for each fault on the way from the top of the page to its end."""
    stops = page.evaluate_handle(STOPS)
    expected = [
        html.strip() for html in page.evaluate("stops => stops.elements.map(e => e.outerHTML)", stops)
    ]
    walked = list(_walk(page, stops, len(expected)))
    if not walked:
        yield "Tab reaches nothing."
        return
    if walked[-1] is None:
        walked.pop()
    else:
        yield f"Tab never leaves {_html(walked[-1])}"
    reached = [one for one in walked if one is not None]
    yield from _order_faults(reached, expected)
    for one in reached:
        if not (one["outlined"] and one["changed"]):
            yield f"The focus cannot be seen on {one['html']}"
        if not one["shown"]:
            yield f"With the focus, this is not in the window: {one['html']}"
    if reached and not _skips_to_main(page, reached[0]):
        yield f"The first stop is no link to the main content: {reached[0]['html']}"


def _walk(page: Page, stops: JSHandle, expected: int) -> Iterator[Focused | None]:
    """Each element that gets the focus, then None if Tab leaves the page."""
    last = None
    stays = 0
    for _ in range((expected + 10) * INSIDE):
        page.keyboard.press("Tab")
        now = cast("Focused | None", page.evaluate(FOCUSED, stops))
        if (
            now is not None
            and last is not None
            and now["index"] == last["index"]
            and now["html"] == last["html"]
        ):
            stays += 1
            if stays == INSIDE:
                return
            continue
        yield now
        if now is None:
            return
        last, stays = now, 0


def _order_faults(reached: list[Focused], expected: list[str]) -> Iterator[str]:
    for one in reached:
        if one["index"] < 0 and not one["scrolls"]:
            yield f"Tab stops at something that is no link, button or field: {one['html']}"
    order = [one["index"] for one in reached if one["index"] >= 0]
    for index, html in enumerate(expected):
        if index not in order:
            yield f"Tab does not reach {html[:100]}"
    if order != sorted(order):
        wrong = next(index for before, index in itertools.pairwise(order) if index < before)
        yield f"Tab reaches this later than something that is below it in the document: {expected[wrong][:100]}"


def _skips_to_main(page: Page, first: Focused) -> bool:
    script = "id => document.getElementById(id)?.closest('main, [role=main]') != null"
    return bool(first["target"]) and bool(page.evaluate(script, first["target"]))


def _html(one: Focused | None) -> str:
    return one["html"] if one else "the page"
