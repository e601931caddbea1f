"""axe: rules of the Web Content Accessibility Guidelines 2.2, levels A and AA, and axe's best practices."""

from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}

CHANGED = """
source => document.documentElement.outerHTML
    !== new DOMParser().parseFromString(source, 'text/html').documentElement.outerHTML
"""


def violations(page: Page) -> Iterator[str]:
    """What axe finds on a page. JavaScript must be on, because otherwise axe never returns."""
    for violation in Axe().run(page, options=OPTIONS).response["violations"]:
        places = [node["html"][:120] for node in violation["nodes"]]
        more = f" and {len(places) - 3} more" if len(places) > 3 else ""
        yield f"axe: {violation['id']}: {violation['help']}: {' '.join(places[:3])}{more}"


def changed_by_scripts(page: Page, source: str) -> bool:
    """Whether scripts have changed the document that the server sent."""
    return bool(page.evaluate(CHANGED, source))
