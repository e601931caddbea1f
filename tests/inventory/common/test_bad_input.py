"""No request of a client gets the status 500."""

import re
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from inventory.app import OPERATIONS

BAD_SEGMENTS = [
    "%00",
    "%ff",
    "%2F",
    "%",
    "..%2f",
    "-1",
    "1e400",
    "9" * 5000,
    "%F0%9F%A7%AA",
    "null",
    "1;drop",
    "*",
]
BAD_QUERIES = [
    *("%", "%ff=%ff", "a=%00", "limit=%00", "limit=1e400", "limit=-1", "cursor=%00", "cursor=" + "A" * 500),
    *("cursor=bnVsbA", "cursor=W10", "cursor=MWU0MDA", "site_id=%00", "user_id=%00", "user_id=%ED%A0%80"),
    *("&" * 5000, "status=%ff", "event_id=%00", "cursor=" + "W1tb" * 100),
]
BAD_VALUES = [
    *(
        "null",
        "true",
        "0",
        "-1",
        "1e400",
        "-0",
        "1" * 400,
        "1.5",
        '""',
        '"\\u0000"',
        '"\\ud800"',
        '"\\udc00x"',
    ),
    *(
        '"\\ud83e\\uddea"',
        "[]",
        "{}",
        '[{"a":[]}]',
        '"' + "x" * 50_000 + '"',
        "[" * 5000 + "]" * 5000,
        "NaN",
        "'x'",
    ),
    *('"2147483648"', '"\\u2028"', '"%s"', '"\\\\x00"', '"aa:bb:cc:dd:ee:ff\\n"', '"a@b\\n"', "2147483648"),
]
BAD_BODIES = [
    b"",
    b"\xff",
    b"\x00",
    b"{",
    b"[]",
    b"null",
    b'{"":1}',
    b'{"\\u0000":1}',
    b'{"a":' * 3000,
    b"\xef\xbb\xbf{}",
]
FIELDS = (
    *(
        "id",
        "name",
        "contact",
        "address",
        "postcode_or_zip",
        "site_id",
        "freezer_id",
        "mac",
        "uuid",
        "description",
    ),
    *("username", "email", "active", "user_id", "status", "event_id"),
)
HEADERS = {"Content-Type": "application/json", "If-Match": "*"}
PARAMETER = re.compile(r"{\w+}")
NOBODY = "0b7e4f4e-3c9a-4b1e-8f55-6d2f6a2c9f10"

OPERATION_NAMES = [f"{operation.method} {operation.path}" for operation in OPERATIONS]


@pytest.mark.parametrize("operation", OPERATIONS, ids=OPERATION_NAMES)
def test_bad_input_is_the_callers_error(client: TestClient, operation: Any) -> None:
    good = "1" if "event" not in operation.path else NOBODY
    paths = [PARAMETER.sub(segment, operation.path) for segment in BAD_SEGMENTS if "{" in operation.path]
    plain = PARAMETER.sub(good, operation.path)
    asked = [client.request(operation.method, path, content=b"{}", headers=HEADERS) for path in paths]
    asked += [
        client.request(operation.method, f"{plain}?{query}", content=b"{}", headers=HEADERS)
        for query in BAD_QUERIES
    ]
    if operation.body_type is not None:
        fields = [name for name in FIELDS if name in operation.body_type.__struct_fields__]
        bodies = BAD_BODIES + [f'{{"{name}":{value}}}'.encode() for name in fields for value in BAD_VALUES]
        asked += [client.request(operation.method, plain, content=body, headers=HEADERS) for body in bodies]
    assert [(answer.request.url, answer.text) for answer in asked if answer.status_code >= 500] == []


@pytest.mark.parametrize("tag", ["", '"', "W/", '""', '"\\', "*,*", "x" * 8000, '"-1"', '"1"' * 500, '"٣"'])
def test_a_strange_tag_is_the_callers_error(client: TestClient, tag: str) -> None:
    headers = {"If-Match": tag.encode(), "If-None-Match": tag.encode()}
    for method in ("GET", "PATCH", "DELETE"):
        answer = client.request(method, "/v1/sites/3", json={"name": "x"}, headers=headers)  # type: ignore[arg-type]  # bytes, as they travel
        assert answer.status_code in (200, 400, 412)
    assert client.get("/v1/sites/3").json()["name"] == "Site 3"


def test_strange_bytes_get_a_response(stocked: str, start: Callable[..., Any]) -> None:
    service = start("inventory", "serve", DATABASE_URL=stocked, LOG_LEVEL="error")
    for line in (
        b"GET /site/\xff\xfe HTTP/1.1",
        b"GET /site/%zz HTTP/1.1",
        b"GET /v1/sites?cursor=\xff HTTP/1.1",
        b"GET //site//1 HTTP/1.1",
        b"GET /inventory%2fsites HTTP/1.1",
        b"GET http://elsewhere/site/1 HTTP/1.1",
        b"BREW /site/1 HTTP/1.1",
    ):
        answer = send(
            service.url, line + b"\r\nHost: localhost\r\nX-Request-ID: \xff\r\nConnection: close\r\n\r\n"
        )
        assert re.match(rb"HTTP/1\.1 [2-4]\d\d ", answer), (line, answer)


def send(url: str, request: bytes) -> bytes:
    address = urlsplit(url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v1/events?status=done", "must be one of NotProcessed, Processed, not 'done'"),
        ("/v1/notifications?state=lost", "must be one of cancelled, dead, delivered, pending, not 'lost'"),
    ],
)
def test_the_error_for_a_filter_lists_the_allowed_values(client: TestClient, path: str, said: str) -> None:
    response = client.get(path)
    assert response.status_code == 422
    assert said in response.json()["errors"][0]["detail"]


def test_the_original_paths_take_the_last_of_two_fields_of_one_name(client: TestClient) -> None:
    headers = {"Content-Type": "application/json"}
    event = b'{"user_id": "ada", "user_id": "bob", "description": "x"}'
    assert client.post("/events/", content=event, headers=headers).json()["user_id"] == "bob"
    site = b'{"name": "A", "name": "B"}'
    assert client.post("/site/1", content=site, headers=headers).json()["name"] == "B"
    assert client.post("/v1/events", content=event, headers=headers).status_code == 400
