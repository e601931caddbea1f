"""Requests are decoded, or refused with a problem that names the place and the reason."""

import gzip
import json

import pytest
from starlette.testclient import TestClient

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        (b"", 400, None),
        (b"{", 400, None),
        (b'{"text": "\xff"}', 400, None),
        (b'{"text": "\\ud800"}', 400, None),
        (b"[" * 100_000, 400, None),
        (b'{"extra":', 400, None),
        (b"[]", 422, ""),
        (b"{}", 422, "/text"),
        (b'{"text": 7}', 422, "/text"),
        (b'{"text": "a", "tags": [1, "b"]}', 422, "/tags/1"),
        (b'{"text": "a", "tags": [1e400]}', 422, "/tags/0"),
        (b'{"text": "a", "more": 1}', 422, "/more"),
        (b'{"text": "a\\u0000b"}', 422, "/text"),
        (b'{"text": "   "}', 422, "/text"),
        (json.dumps({"text": "x" * 2001}).encode(), 422, "/text"),
        (json.dumps({"text": " " * 100_000 + "\0"}).encode(), 422, "/text"),
    ],
)
def test_an_invalid_body_is_a_problem_with_a_pointer(
    client: TestClient, body: bytes, status: int, pointer: str | None
) -> None:
    response = client.post("/v1/greetings", content=body, headers=JSON)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert [error["pointer"] for error in problem.get("errors", [])] == ([] if pointer is None else [pointer])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "needs a JSON body"),
        (b'{"text": "\xff"}', "byte 0xff at position 10"),
        (b'{"text": "\\ud800"}', "half of a surrogate pair"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_the_error_of_a_body_that_is_not_json_has_the_reason(
    client: TestClient, body: bytes, said: str
) -> None:
    assert said in client.post("/v1/greetings", content=body, headers=JSON).json()["detail"]


def test_all_errors_of_a_body_are_listed(client: TestClient) -> None:
    response = client.post("/v1/greetings", json={"text": "", "tags": ["a"], "colour": 1, "size": 2})
    problem = response.json()
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("/text", "invalid"),
        ("/tags/0", "invalid"),
        ("/colour", "unknown"),
        ("/size", "unknown"),
    ]
    assert all(error["detail"] in problem["detail"] for error in problem["errors"])


def test_all_errors_of_a_query_are_listed(client: TestClient) -> None:
    problem = client.get("/v1/greetings?limit=0&colour=red").json()
    assert [error["pointer"] for error in problem["errors"]] == ["limit", "colour"]


def test_the_error_of_an_unknown_parameter_lists_the_known_ones(client: TestClient) -> None:
    problem = client.get("/v1/greetings?q=red").json()
    assert "unknown parameter 'q'; this list takes limit, cursor, word" in problem["detail"]


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_compressed_body_is_415(client: TestClient, coding: str) -> None:
    response = client.post(
        "/v1/greetings", content=gzip.compress(b"{}"), headers={**JSON, "Content-Encoding": coding}
    )
    assert response.status_code == 415
    assert "must not be compressed" in response.json()["detail"]


def test_a_valid_body_is_accepted(client: TestClient) -> None:
    response = client.post("/v1/greetings", json={"text": "Grüße 🧪"})
    assert (response.status_code, response.json()["text"]) == (201, "Grüße 🧪")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type_is_415(client: TestClient, content_type: str) -> None:
    response = client.post("/v1/greetings", content=b'{"text": "a"}', headers={"Content-Type": content_type})
    assert response.status_code == 415


def test_a_body_over_the_limit_is_refused_by_its_content_length(client: TestClient) -> None:
    response = client.post("/v1/greetings", content=b" " * (1024 * 1024 + 1), headers=JSON)
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    assert "1048576 bytes" in response.json()["detail"]


def test_a_body_over_the_limit_is_refused_without_a_content_length(client: TestClient) -> None:
    chunks = (b" " * 65536 for _ in range(17))
    response = client.post("/v1/greetings", content=chunks, headers=JSON)
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("limit=1&limit=2", "limit"),
        ("colour=red", "colour"),
        ("limit=", "limit"),
    ],
)
def test_an_invalid_query_is_a_problem_that_names_the_parameter(
    client: TestClient, query: str, pointer: str
) -> None:
    response = client.get(f"/v1/greetings?{query}")
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, pointer)


def test_a_query_is_decoded_as_utf_8(client: TestClient) -> None:
    response = client.get("/v1/greetings?limit=7&word=caf%C3%A9+%26")
    assert (response.json()["limit"], response.json()["word"]) == (7, "café &")


@pytest.mark.parametrize(
    "ident", ["0", "100", "x", "-1", "1.5", "1.0", "1e1", "+1", "01", "9" * 400, "%00", "%FF"]
)
def test_an_invalid_id_in_the_path_is_404(client: TestClient, ident: str) -> None:
    response = client.get(f"/v1/greetings/{ident}")
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


def test_a_405_lists_the_allowed_methods(client: TestClient) -> None:
    response = client.delete("/v1/greetings/1")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, PATCH")


def test_head_responds_like_get_without_a_body(client: TestClient) -> None:
    response = client.head("/v1/greetings/1")
    assert (response.status_code, response.headers["etag"], response.content) == (200, '"1"', b"")


def test_the_document_lists_every_operation(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["paths"]["/v1/greetings"]) == {"get", "post"}
    operation = document["paths"]["/v1/greetings/{id}"]["get"]
    assert operation["parameters"][0]["schema"] == {"type": "integer", "minimum": 1, "maximum": 99}
    assert set(operation["responses"]) == {"200", "404"}
    body = document["paths"]["/v1/greetings"]["post"]["requestBody"]["content"]["application/json"]
    assert document["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]["required"] == [
        "text"
    ]


def test_the_documentation_page_names_every_path(client: TestClient) -> None:
    page = client.get("/docs").text
    paths = client.get("/openapi.json").json()["paths"]
    assert {path for path in paths if f"/greeter{path}" not in page} == set()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/greetings", 200),
        ("/v1/greetings/7", 200),
        ("/greeter/v1/greetings/7", 200),
        ("/v1", 404),
        ("/v1/greetings/7/more", 404),
        ("//v1/greetings", 404),
        ("/v1//greetings", 404),
    ],
)
def test_only_a_complete_path_matches(client: TestClient, path: str, status: int) -> None:
    assert client.get(f"http://testserver{path}").status_code == status


def test_a_path_with_a_trailing_slash_is_404_and_not_redirected(client: TestClient) -> None:
    response = client.get("/greeter/v1/greetings/", follow_redirects=False)
    assert (response.status_code, "/greeter/docs" in response.json()["detail"]) == (404, True)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"text": "a", "text": "b"}', "text"),
        (b'{"text": "a", "te\\u0078t": "b"}', "text"),
        (b'{"tags": [], "text": "a", "tags": []}', "tags"),
    ],
)
def test_a_field_that_is_given_twice_is_an_error_that_names_it(
    client: TestClient, body: bytes, name: str
) -> None:
    response = client.post("/v1/greetings", content=body, headers=JSON)
    problem = response.json()
    assert (response.status_code, problem["errors"][0]["code"]) == (400, "repeated")
    assert problem["errors"][0]["pointer"] == f"/{name}"
    assert f"{name!r} twice" in problem["detail"]


def test_a_second_content_type_header_is_refused(client: TestClient) -> None:
    headers = [("Content-Type", "application/json"), ("Content-Type", "text/plain")]
    response = client.post("/v1/greetings", content=b'{"text": "a"}', headers=headers)
    assert (response.status_code, response.json()["detail"]) == (
        400,
        "Content-Type is given 2 times. Send it once.",
    )


def test_the_error_of_a_query_has_the_expected_type(client: TestClient) -> None:
    problem = client.get("/v1/greetings?limit=ten").json()
    assert problem["errors"][0]["detail"] == "The value must be a whole number"
