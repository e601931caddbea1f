"""The page /docs."""

import re
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient


class Elements(HTMLParser):
    """The elements of a page, each with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))


@pytest.fixture
def elements(client: TestClient) -> list[tuple[str, dict[str, str | None]]]:
    return Elements(client.get("/docs").text).found


def section(page: str, operation: str) -> str:
    """The HTML of one operation."""
    found = re.search(rf'<article [^>]*aria-labelledby="{operation}">.*?</article>', page, re.DOTALL)
    assert found
    return found[0]


def test_every_link_within_the_page_leads_to_an_element(
    elements: list[tuple[str, dict[str, str | None]]],
) -> None:
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    links = {str(attributes["href"]) for tag, attributes in elements if tag == "a"}
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_contents_name_every_operation(client: TestClient) -> None:
    page = client.get("/docs").text
    contents = page[
        page.index('<nav class="contents') : page.index("</nav>", page.index('<nav class="contents'))
    ]
    paths = client.get("/openapi.json").json()["paths"]
    for methods in paths.values():
        for method, described in methods.items():
            link = f'<a href="#{described["operationId"]}"><span class="method">{method.upper()}</span> '
            assert f"{link}{described['summary']}</a>" in contents


def test_the_section_of_an_operation_has_its_path_and_says_more_than_the_summary(client: TestClient) -> None:
    shown = section(client.get("/docs").text, "search")
    assert "<code>/greeter/v1/greetings</code>" in shown
    assert '<p>Search. It finds greetings by <code class="nowrap">name</code>.</p>' in shown


def test_there_is_no_inline_style_and_no_inline_script(
    elements: list[tuple[str, dict[str, str | None]]],
) -> None:
    assert [tag for tag, _ in elements if tag == "style"] == []
    assert [attributes for tag, attributes in elements if tag == "script" and "src" not in attributes] == []
    assert [attributes for _, attributes in elements if "style" in attributes] == []


def test_only_get_requests_can_be_tried(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "data-try" in section(page, "search")
    assert "data-try" not in section(page, "echo")
    assert "data-try" not in section(page, "change")


def test_without_a_script_the_form_sends_the_defaults_and_no_empty_number(client: TestClient) -> None:
    form = section(client.get("/docs").text, "search")
    assert re.search(r'name="limit"[^>]* value="50"[^>]*>', form)
    assert not re.search(r'name="limit"[^>]* disabled', form)


def test_a_form_that_needs_a_script_is_hidden_without_one(client: TestClient) -> None:
    page = client.get("/docs").text
    assert '<details class="attempt" hidden>' in section(page, "item")
    assert '<details class="attempt">' in section(page, "search")


def test_the_page_is_kept_by_its_etag(client: TestClient) -> None:
    response = client.get("/docs")
    again = client.get("/docs", headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["content-type"] == "text/html; charset=utf-8"


def test_the_openapi_document_is_kept_by_its_etag(client: TestClient) -> None:
    tag = client.get("/openapi.json").headers["etag"]
    assert client.get("/openapi.json", headers={"If-None-Match": tag}).status_code == 304
