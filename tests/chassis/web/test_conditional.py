"""Conditional requests: 304 for a current tag, and writes only with a matching `If-Match`."""

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize("given", ['"3"', '"1", "3"', 'W/"3"', "*", '"a,b", "3"'])
def test_a_current_tag_is_304_without_a_body(client: TestClient, given: str) -> None:
    response = client.get("/v1/greetings/3", headers={"If-None-Match": given})
    assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", '"3"')


@pytest.mark.parametrize("given", ['"4"', "3", '"33"', ""])
def test_another_tag_is_200_with_the_body(client: TestClient, given: str) -> None:
    assert client.get("/v1/greetings/3", headers={"If-None-Match": given}).status_code == 200


@pytest.mark.parametrize("given", ['"3"', '"9", "3"', "*"])
def test_a_write_with_the_current_tag_is_done(client: TestClient, given: str) -> None:
    response = client.patch("/v1/greetings/3", json={"text": "a"}, headers={"If-Match": given})
    assert (response.status_code, response.headers["etag"]) == (200, '"4"')


@pytest.mark.parametrize("given", ['"2"', 'W/"3"', '"x"'])
def test_a_write_with_another_tag_is_412(client: TestClient, given: str) -> None:
    response = client.patch("/v1/greetings/3", json={"text": "a"}, headers={"If-Match": given})
    assert response.status_code == 412


def test_a_write_without_a_tag_is_428(client: TestClient) -> None:
    response = client.patch("/v1/greetings/3", json={"text": "a"})
    assert (response.status_code, "If-Match" in response.json()["detail"]) == (428, True)


def test_a_write_with_a_malformed_tag_is_400(client: TestClient) -> None:
    response = client.patch("/v1/greetings/3", json={"text": "a"}, headers={"If-Match": "3"})
    assert response.status_code == 400


def test_a_compressed_response_has_a_tag_of_its_own(client: TestClient) -> None:
    plain = client.get("/v1/greetings/20", headers={"Accept-Encoding": "identity"})
    packed = client.get("/v1/greetings/20", headers={"Accept-Encoding": "gzip"})
    assert (plain.headers["etag"], packed.headers["etag"]) == ('"20"', '"20-gzip"')
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.json() == packed.json()


def test_conditional_requests_accept_the_tag_of_a_compressed_response(client: TestClient) -> None:
    reread = client.get("/v1/greetings/20", headers={"If-None-Match": '"20-gzip"'})
    write = client.patch("/v1/greetings/20", json={"text": "a"}, headers={"If-Match": '"20-gzip"'})
    assert (reread.status_code, write.status_code) == (304, 200)


def test_a_small_response_is_not_compressed(client: TestClient) -> None:
    response = client.get("/v1/greetings/3", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in response.headers


def test_if_match_may_be_sent_in_several_lines(client: TestClient) -> None:
    headers = [("If-Match", '"8"'), ("If-Match", '"7"')]
    assert client.patch("/v1/greetings/7", json={"text": "a"}, headers=headers).status_code == 200


def test_if_none_match_may_be_sent_in_several_lines(client: TestClient) -> None:
    headers = [("If-None-Match", '"8"'), ("If-None-Match", '"7"')]
    assert client.get("/v1/greetings/7", headers=headers).status_code == 304
