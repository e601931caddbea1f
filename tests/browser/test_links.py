"""Every link on every page leads somewhere, and every page that a link leads to is tested."""

import httpx
import pytest
from tests.browser.benchtop import Benchtop
from tests.browser.crawling import Visited, crawl
from tests.browser.links import Links
from tests.browser.pages import PAGES
from tests.browser.security_headers import header_faults


@pytest.fixture(scope="module")
def visited(benchtop: Benchtop) -> list[Visited]:
    return crawl(benchtop)


@pytest.fixture(scope="module")
def listed(benchtop: Benchtop) -> dict[str, Links]:
    """What each page of the list names, by the name of the page."""
    found = {}
    for page in PAGES:
        response = benchtop.html(page.path_in(benchtop))
        found[page.name] = Links(str(response.url), response.text)
    return found


def test_every_link_leads_somewhere(visited: list[Visited]) -> None:
    broken = [
        f"{one.url} answers {one.response.status_code}; a link on {one.linked_from} leads there"
        for one in visited
        if one.response.status_code >= 400
    ]
    assert not broken, "\n".join(broken)


def test_every_link_within_a_page_names_an_element(visited: list[Visited]) -> None:
    broken = [f"{one.url}#{name}" for one in visited if one.links for name in one.links.broken_fragments]
    assert broken == []


def test_no_link_leads_to_another_host(visited: list[Visited], benchtop: Benchtop) -> None:
    found = {link for one in visited if one.links for link in one.links.pages | one.links.files}
    assert [link for link in sorted(found) if not link.startswith(f"{benchtop.url}/")] == []


def test_every_page_that_a_link_leads_to_is_in_the_list(visited: list[Visited]) -> None:
    missing = {one.response.url.path for one in visited if one.is_html and one.page is None}
    assert sorted(missing) == [], "Add a line to tests/browser/pages.py for each"


def test_every_page_in_the_list_is_reached_by_links(visited: list[Visited]) -> None:
    reached = {one.page.name for one in visited if one.page}
    linked = [page.name for page in PAGES if page.status == 200 and page.linked]
    assert [name for name in linked if name not in reached] == []


def test_every_response_with_html_has_the_headers(visited: list[Visited]) -> None:
    faults = [
        f"{one.url}: {fault}"
        for one in visited
        if one.is_html
        for fault in header_faults(one.response.headers, public=bool(one.page and one.page.public))
    ]
    assert not faults, "\n".join(faults)


def test_no_two_pages_have_the_same_title(listed: dict[str, Links]) -> None:
    names: dict[str, list[str]] = {}
    for page in PAGES:
        if page.status == 200:
            names.setdefault(listed[page.name].title, []).append(page.name)
    assert {title: same for title, same in names.items() if len(same) > 1} == {}


def test_every_file_of_every_page_may_be_cached_for_good(listed: dict[str, Links]) -> None:
    files = sorted({file for links in listed.values() for file in links.files})
    assert files != []
    faults = []
    for file in files:
        response = httpx.get(file)
        control = response.headers.get("cache-control", "")
        if response.status_code != 200 or "immutable" not in control or "max-age=31536000" not in control:
            faults.append(f"{file} answers {response.status_code} with Cache-Control {control!r}")
    assert not faults, "\n".join(faults)
