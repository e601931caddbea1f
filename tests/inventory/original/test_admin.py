"""The original admin page of the users."""

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize("prefix", ["", "/inventory"])
def test_the_admin_page_leads_to_the_people(client: TestClient, prefix: str) -> None:
    page = client.get(f"{prefix}/admin/users", follow_redirects=True)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.url.path == "/inventory/ui/people"
    assert "ada@example.org" in page.text
