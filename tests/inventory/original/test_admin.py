"""The original admin page: the users as HTML."""

import re

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize("prefix", ["", "/inventory"])
def test_the_users_are_a_table(client: TestClient, prefix: str) -> None:
    answer = client.get(f"{prefix}/admin/users")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert re.findall(r"<td>(\d+)<td>(\w+)<td>(\S+@example.org)<td>(yes|no)", answer.text) == [
        ("1", "ada", "ada@example.org", "yes"),
        ("2", "grace", "grace@example.org", "yes"),
    ]
    assert "Next page" not in answer.text


def test_the_page_has_a_strict_content_security_policy_and_is_not_cached(client: TestClient) -> None:
    headers = client.get("/admin/users").headers
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")


def test_the_page_without_users_says_so(empty: TestClient) -> None:
    assert "Nobody has an account yet." in empty.get("/admin/users").text


def test_usernames_are_escaped(client: TestClient) -> None:
    client.post("/v1/users", json={"username": "<script>alert('$rows')</script>", "email": '"<b>"@b'})
    page = client.get("/admin/users").text
    assert "&lt;script&gt;alert(&#x27;$rows&#x27;)&lt;/script&gt;" in page
    assert "<script" not in page
    assert "<b>" not in page


def test_links_lead_through_all_pages_of_users(client: TestClient) -> None:
    for number in range(5):
        client.post("/v1/users", json={"username": f"user{number}", "email": f"{number}@b"})
    seen: list[str] = []
    query, page = "?limit=3", ""
    for _ in range(3):
        page = client.get(f"/admin/users{query}").text
        seen += re.findall(r"<td>(\d+)<td>", page)
        following = re.search(r'href="([^"]+)">Next page', page)
        query = following[1].replace("&amp;", "&") if following else ""
    assert seen == ["1", "2", "3", "4", "5", "6", "7"]
    assert not query
    assert '<a href="?limit=3">First page</a>' in page


def test_a_bad_cursor_is_refused(client: TestClient) -> None:
    assert client.get("/admin/users?cursor=x").status_code == 400
