"""Follows the links from the portal, as a person would who tries everything."""

from collections import Counter
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
from tests.browser.benchtop import Benchtop
from tests.browser.links import Links
from tests.browser.pages import ALIASES, PAGES, Page

INSTANCES = 3
"""How many pages of one kind are read for further links; every link on them is requested."""


class Visited(NamedTuple):
    """A response to a link."""

    url: str
    linked_from: str
    response: httpx.Response
    page: Page | None
    """The listed page whose pattern its path matches."""
    links: Links | None
    """What it names, if it was read."""

    @property
    def is_html(self) -> bool:
        """Whether the response is a page."""
        return str(self.response.headers.get("content-type", "")).startswith("text/html")


def listed_page(path: str) -> Page | None:
    """The page in the list with this path; one without names in braces comes first."""
    path = ALIASES.get(path, path)
    matching = [page for page in PAGES if page.pattern.fullmatch(path)]
    return min(matching, key=lambda page: page.path.count("{"), default=None)


def crawl(benchtop: Benchtop) -> list[Visited]:
    """Request each link on the portal and on the pages that it leads to, once."""
    visited = []
    read: Counter[str] = Counter()
    start = f"{benchtop.url}/"
    waiting, known = [(start, "")], {start}
    with httpx.Client(headers={"Accept": "text/html,*/*"}, timeout=30, follow_redirects=True) as client:
        while waiting:
            url, origin = waiting.pop(0)
            response = client.get(url)
            path = urlsplit(str(response.url)).path
            page = listed_page(path)
            one = Visited(url, origin, response, page, None)
            kind = page.path if page else path
            if one.is_html and read[kind] < INSTANCES:
                read[kind] += 1
                links = Links(str(response.url), response.text)
                one = one._replace(links=links)
                found = sorted(link for link in links.pages if link.startswith(start))
                waiting += [(link, url) for link in found if link not in known]
                known.update(found)
            visited.append(one)
    return visited
