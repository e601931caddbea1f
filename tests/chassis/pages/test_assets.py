"""The static files of the pages."""

import re

from starlette.testclient import TestClient

BROWSER = {"Accept": "text/html"}


def style_path(client: TestClient) -> str:
    page = client.get("/nowhere", headers=BROWSER).text
    found = re.search(r'<link rel="stylesheet" href="([^"]+)">', page)
    assert found
    return found[1]


def test_a_page_links_the_style_with_its_hash_and_it_may_be_kept_for_good(client: TestClient) -> None:
    path = style_path(client)
    response = client.get(path)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_page_of_another_release_gets_the_current_file_and_must_not_keep_it(client: TestClient) -> None:
    path = style_path(client)
    other = re.sub(r"/[0-9a-f]{16}/", "/0000000000000000/", path)
    response = client.get(other)
    assert response.text == client.get(path).text
    assert response.headers["cache-control"] == "no-cache"


def test_a_file_that_does_not_exist_is_not_found(client: TestClient) -> None:
    path = style_path(client).replace("base.css", "..%2Fassets.py")
    assert client.get(path).status_code == 404
