"""Responses are compressed for clients that accept gzip, with an entity tag of their own."""

import pytest
from starlette.testclient import TestClient

LARGE = "/v1/greetings/20"


@pytest.mark.parametrize(
    ("given", "packed"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("GZIP", True),
        ("*", True),
        ("x-gzip", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("*;q=0", False),
        ("br", False),
        ("identity", False),
        ("gzipped", False),
    ],
)
def test_accept_encoding_is_interpreted_as_in_rfc_9110(client: TestClient, given: str, packed: bool) -> None:
    response = client.get(LARGE, headers={"Accept-Encoding": given})
    assert (response.headers.get("content-encoding") == "gzip") is packed
    assert response.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("accepted", "known", "tag"),
    [
        ("gzip", '"20-gzip"', '"20-gzip"'),
        ("gzip", '"20"', '"20"'),
        ("gzip", '"7", W/"20-gzip"', '"20-gzip"'),
        ("identity", '"20-gzip"', '"20"'),
    ],
)
def test_a_304_has_the_tag_that_the_200_would_have_and_vary(
    client: TestClient, accepted: str, known: str, tag: str
) -> None:
    response = client.get(LARGE, headers={"Accept-Encoding": accepted, "If-None-Match": known})
    assert (response.status_code, response.headers["etag"]) == (304, tag)
    assert response.headers["vary"] == "Accept-Encoding"


def test_an_html_page_has_security_headers(client: TestClient) -> None:
    headers = client.get("/docs").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
