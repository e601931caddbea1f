"""Every request has an id, a log line, and a place in the metrics."""

import json
import re

import pytest
from starlette.testclient import TestClient
from tests.chassis.greeter import MakeClient
from tests.support.metrics import exposition


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def request_line(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    (line,) = (line for line in lines(capsys) if line["event"] == "request")
    return line


def test_the_clients_request_id_is_in_the_response_and_in_the_log(
    make_client: MakeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    response = make_client().get("/metadata", headers={"X-Request-ID": "abc-123"})
    assert response.headers["x-request-id"] == "abc-123"
    assert request_line(capsys)["request_id"] == "abc-123"


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, 'a"b', "ü"])
def test_an_invalid_request_id_is_replaced(client: TestClient, given: str) -> None:
    response = client.get("/metadata", headers={b"X-Request-ID": given.encode()})
    assert re.fullmatch("[0-9a-f]{32}", response.headers["x-request-id"])
    assert response.headers.get("x-request-id-replaced") == ("true" if given else None)


def test_a_valid_request_id_is_not_reported_as_replaced(client: TestClient) -> None:
    for headers in ({"X-Request-ID": "abc"}, {}):
        assert "x-request-id-replaced" not in client.get("/metadata", headers=headers).headers


def test_the_log_line_of_a_request_has_all_fields(
    make_client: MakeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    make_client().get("/v1/greetings/7?token=hidden")
    line = request_line(capsys)
    assert line.pop("duration_ms") > 0  # type: ignore[operator]  # a number
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", str(line.pop("timestamp")))
    assert re.fullmatch("[0-9a-f]{32}", str(line.pop("request_id")))
    assert line == {
        "level": "info",
        "event": "request",
        "service": "chassis",
        "version": "0.1.0",
        "method": "GET",
        "route": "/v1/greetings/{id}",
        "status": 200,
        "actor": None,
    }


def test_an_unhandled_exception_is_a_500_problem_and_its_traceback_is_logged(
    make_client: MakeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    response = make_client().get("/explode", headers={"X-Request-ID": "find-me"})
    assert (response.status_code, response.headers["x-request-id"]) == (500, "find-me")
    assert response.headers["content-type"] == "application/problem+json"
    assert "a fault inside" not in response.text
    fault = next(line for line in lines(capsys) if line["level"] == "error")
    assert (fault["request_id"], fault["route"]) == ("find-me", "/explode")
    assert "a fault inside" in json.dumps(fault["exception"])
    assert "locals" not in json.dumps(fault["exception"])  # they may hold secrets


def test_probes_are_not_logged_at_level_info(
    make_client: MakeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    client = make_client()
    for path in ("/health", "/health/ready"):
        client.get(path)
    assert [line for line in lines(capsys) if line["event"] == "request"] == []


def test_requests_are_counted_by_method_route_pattern_and_status(client: TestClient) -> None:
    for path in ("/v1/greetings/1", "/greeter/v1/greetings/2", "/v1/greetings/none", "/a", "/b"):
        client.get(path)
    client.request("BREW", "/a")
    metrics = exposition(client)
    for sample in (
        'http_requests_total{method="GET",route="/v1/greetings/{id}",status="200"} 2.0',
        'http_requests_total{method="GET",route="/v1/greetings/{id}",status="404"} 1.0',
        'http_requests_total{method="GET",route="unmatched",status="404"} 2.0',
        'http_requests_total{method="OTHER",route="unmatched",status="404"} 1.0',
        'http_request_duration_seconds_count{method="GET",route="unmatched",status="404"} 2.0',
    ):
        assert sample in metrics


def test_a_counter_has_no_created_series(client: TestClient) -> None:
    client.get("/v1/greetings/ada")
    assert "_created" not in exposition(client)


def test_metrics_have_name_version_and_commit(client: TestClient) -> None:
    sample = 'build_info{commit="Development",service="chassis",version="0.1.0"} 1.0'
    assert sample in exposition(client)
