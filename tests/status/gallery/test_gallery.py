"""The gallery of the parts of pages."""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from starlette.testclient import TestClient
from tests.status.conftest import MakeClient

from status.gallery.pages import ERRORS, PARTS

MACROS = files("chassis.pages").joinpath("templates/macros")
PATHS = ["/ui/parts", "/ui/parts/errors"]


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    return make_client(parts_gallery=True)


def macros() -> Iterator[str]:
    """The macros of chassis, such as `field.text`."""
    for file in MACROS.iterdir():
        if file.name == "docs.html":  # the parts of `/docs` alone
            continue
        for name in re.findall(r"{%-? *macro ([a-z]\w*)\(", file.read_text(encoding="utf-8")):
            yield f"{file.name.removesuffix('.html')}.{name}"


def test_every_macro_is_shown_with_its_call(client: TestClient) -> None:
    shown = unescape("".join(client.get(path).text for path in PATHS))
    assert [name for name in macros() if f"{name}(" not in shown] == []


def test_there_are_macros() -> None:
    assert {"field.text", "table.pager", "filter.form", "part.tag"} <= set(macros())


def test_every_example_is_shown() -> None:
    examples = files("status.gallery").joinpath("templates/examples")
    listed = {example.name for groups in (PARTS, ERRORS) for group in groups.values() for example in group}
    assert {file.name.removesuffix(".html") for file in examples.iterdir()} == listed


def test_the_fields_of_a_refused_form_have_errors(client: TestClient) -> None:
    page = client.get("/ui/parts/errors").text
    assert page.count('aria-invalid="true"') == 3
    assert "There is a problem" in page


@pytest.mark.parametrize("path", PATHS)
def test_no_id_is_used_twice(client: TestClient, path: str) -> None:
    ids: list[str] = []

    class Ids(HTMLParser):
        def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
            ids.extend(value for name, value in attrs if name == "id" and value)

    Ids().feed(client.get(path).text)
    assert len(ids) > 10
    assert sorted(set(ids)) == sorted(ids)


def test_the_part_that_stays_up_to_date_is_there(client: TestClient) -> None:
    assert 'data-live="/status/ui/parts/now"' in client.get("/ui/parts").text
    assert "Fetched at" in client.get("/ui/parts/now").text


@pytest.mark.parametrize("path", [*PATHS, "/ui/parts/now"])
def test_there_is_no_gallery_unless_a_setting_says_so(make_client: MakeClient, path: str) -> None:
    client = make_client()
    assert client.get(path).status_code == 404
    assert "/ui/parts" not in client.get("/ui/").text


def test_the_page_of_the_services_links_to_the_gallery(client: TestClient) -> None:
    assert (
        '<a href="/status/ui/parts">For developers: the parts that pages are made of</a>'
        in client.get("/ui/").text
    )
