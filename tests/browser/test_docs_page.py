"""The page /docs: examples are copied, and requests are tried."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from tests.browser.benchtop import Benchtop
from tests.browser.browsing import looking, open_page
from tests.browser.views import View


@pytest.fixture
def docs(browser: Browser, benchtop: Benchtop) -> Iterator[Page]:
    """The documents of inventory."""
    with looking(browser, benchtop.url, View(), announced={404, 422}) as page:
        open_page(page, f"{benchtop.url}/inventory/docs")
        yield page


def operation(page: Page, ident: str) -> Locator:
    """One operation, with its form open."""
    found = page.locator(f"article[aria-labelledby={ident}]")
    found.get_by_text("Try it").click()
    return found


def test_an_example_is_copied_with_the_origin_of_the_page(docs: Page, benchtop: Benchtop) -> None:
    docs.context.grant_permissions(["clipboard-read", "clipboard-write"])
    docs.get_by_role("button", name="Copy the example request of GET /inventory/v1/sites", exact=True).click()
    expect(docs.get_by_text("Copied", exact=True)).to_be_visible()
    copied = docs.evaluate("navigator.clipboard.readText()")
    assert copied == f"curl {benchtop.url}/inventory/v1/sites"


def test_a_request_is_sent_without_the_empty_fields(docs: Page) -> None:
    form = operation(docs, "list_freezers")
    form.get_by_label("limit").fill("1")
    with docs.expect_request("**/v1/freezers?*") as sent:
        form.get_by_role("button", name="Send the request").click()
    assert "limit=1" in sent.value.url
    assert "site_id" not in sent.value.url
    assert "cursor" not in sent.value.url


def test_the_response_is_shown_with_its_status_headers_and_json(docs: Page) -> None:
    form = operation(docs, "get_site")
    form.get_by_label("id", exact=True).fill("1")
    form.get_by_role("button", name="Send the request").click()
    expect(form.get_by_role("status")).to_contain_text("GET /inventory/v1/sites/1: 200 OK")
    expect(form.locator("dl")).to_contain_text("etag")
    expect(form.locator("form pre")).to_contain_text('"id": 1,\n')


def test_an_error_is_shown_as_a_response(docs: Page) -> None:
    form = operation(docs, "get_site")
    form.get_by_label("id", exact=True).fill("999999")
    form.get_by_role("button", name="Send the request").click()
    expect(form.get_by_role("status")).to_contain_text("404 Not Found")
    expect(form.locator("form pre")).to_contain_text('"status": 404')


def test_a_second_request_replaces_the_first_one(docs: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    docs.route("**/v1/sites/1", hold)
    form = operation(docs, "get_site")
    form.get_by_label("id", exact=True).fill("1")
    form.get_by_role("button", name="Send the request").click()
    expect(form.get_by_role("status")).to_contain_text("Waiting for the response")
    form.get_by_label("id", exact=True).fill("2")
    form.get_by_role("button", name="Send the request").click()
    expect(form.get_by_role("status")).to_contain_text("sites/2: 200 OK")
    for route in held:
        route.abort()
    expect(form.get_by_role("status")).to_contain_text("sites/2: 200 OK")


@pytest.mark.parametrize("width", [320, 1440])
def test_without_javascript_a_list_is_tried_by_a_plain_form(
    browser: Browser, benchtop: Benchtop, width: int
) -> None:
    with looking(browser, benchtop.url, View(width, script=False)) as page:
        page.goto(f"{benchtop.url}/inventory/docs")
        expect(page.get_by_role("button", name="Copy")).to_have_count(0)
        expect(page.locator("article[aria-labelledby=get_site]").get_by_text("Try it")).to_be_hidden()
        form = operation(page, "list_sites")
        with page.expect_response("**/v1/sites?*") as answer:
            form.get_by_role("button", name="Send the request").click()
        assert answer.value.status == 200


def test_a_link_opens_the_page_at_its_operation(browser: Browser, benchtop: Benchtop) -> None:
    with looking(browser, benchtop.url, View()) as page:
        open_page(page, f"{benchtop.url}/inventory/docs")
        page.get_by_role("navigation", name="Contents").get_by_role(
            "link", name="POST Create a site", exact=True
        ).click()
        expect(page.get_by_role("heading", name="POST /inventory/v1/sites", exact=True)).to_be_in_viewport()
