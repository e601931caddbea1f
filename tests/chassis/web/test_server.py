"""A process stops as Kubernetes expects: first not ready, then requests in flight finished, then status 0."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from tests.support.processes import Start, free_port

SCRIPT = str(Path(__file__).parent / "slow_service.py")


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_a_request_in_flight_is_finished_before_the_process_ends_with_0(
    start: Start, sig: signal.Signals
) -> None:
    service = start("python", SCRIPT)
    answers: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: answers.append(httpx.get(f"{service.url}/slow")))
    asking.start()
    time.sleep(0.3)  # the request is in flight then; it takes a second
    service.process.send_signal(sig)
    asking.join()
    assert [answer.text for answer in answers] == ["done"]
    assert service.process.wait(timeout=10) == 0


def test_a_draining_service_is_not_ready_but_serves(start: Start) -> None:
    service = start("python", SCRIPT, DRAIN_SECONDS="2")
    assert httpx.get(f"{service.url}/health/ready").status_code == 200
    service.process.terminate()
    deadline = time.monotonic() + 1.5
    while (ready := httpx.get(f"{service.url}/health/ready")).status_code == 200:
        assert time.monotonic() < deadline
    assert (ready.status_code, ready.json()["status"]) == (503, "draining")
    assert httpx.get(f"{service.url}/health").status_code == 200
    assert service.process.wait(timeout=10) == 0


def test_a_second_signal_stops_the_process_at_once(start: Start) -> None:
    service = start("python", SCRIPT, DRAIN_SECONDS="60")
    service.process.terminate()
    while httpx.get(f"{service.url}/health/ready").status_code == 200:
        time.sleep(0.01)
    service.process.terminate()
    assert service.process.wait(timeout=10) == 0


def test_every_line_of_the_output_is_json(start: Start) -> None:
    service = start("python", SCRIPT)
    httpx.get(f"{service.url}/metadata", headers={"X-Request-ID": "r-1"})
    lines = [json.loads(line) for line in service.output()]
    assert {"timestamp", "level", "event", "service", "version"} <= set.intersection(*map(set, lines))
    assert "r-1" in [line.get("request_id") for line in lines]


def test_a_wrong_setting_stops_the_start_with_one_line_that_names_it() -> None:
    run = subprocess.run(
        [sys.executable, SCRIPT],
        env={**os.environ, "PORT": "http"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout) == (2, "")
    (line,) = map(json.loads, run.stderr.splitlines())
    assert line["event"].startswith("PORT is malformed:")
    assert (line["level"], line["service"], line["timestamp"][-1]) == ("error", "chassis", "Z")


def test_in_the_console_format_an_error_is_plain_text() -> None:
    environment = {**os.environ, "PORT": "http", "LOG_FORMAT": "console"}
    run = subprocess.run(
        [sys.executable, SCRIPT], env=environment, capture_output=True, text=True, check=False
    )
    assert run.stderr.startswith("chassis: PORT is malformed:")


def test_a_misspelt_setting_is_logged_as_a_warning(start: Start) -> None:
    service = start("python", SCRIPT, DRAIN_SECOND="1")
    (line,) = (line for line in map(json.loads, service.output()) if line["level"] == "warning")
    assert (line["variable"], line["did_you_mean"]) == ("DRAIN_SECOND", "DRAIN_SECONDS")


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1", 200), ("localhost:9", 200), ("[::1]", 200), ("lab.example", 200), ("evil.example", 421)],
)
def test_on_loopback_only_the_names_of_the_machine_and_allowed_hosts_are_accepted(
    start: Start, host: str, status: int
) -> None:
    service = start("python", SCRIPT, ALLOWED_HOSTS="lab.example")
    assert httpx.get(f"{service.url}/health", headers={"Host": host}).status_code == status


def test_on_all_addresses_every_name_is_accepted_unless_allowed_hosts_is_set(start: Start) -> None:
    headers = {"Host": "evil.example"}
    service = start("python", SCRIPT, HOST="::", ACCESS_OPEN_TO_NETWORK="1")
    assert httpx.get(f"{service.url}/health", headers=headers).status_code == 200
    service = start("python", SCRIPT, HOST="::", ACCESS_OPEN_TO_NETWORK="1", ALLOWED_HOSTS="lab.example")
    assert httpx.get(f"{service.url}/health", headers=headers).status_code == 421
    assert httpx.get(f"{service.url}/health").status_code == 200  # a probe uses the address as the host


def test_the_log_has_the_address_of_the_server(start: Start) -> None:
    service = start("python", SCRIPT, HOST="::", ACCESS_OPEN_TO_NETWORK="1")
    port = service.url.rpartition(":")[2]
    said = [line for line in map(json.loads, service.output()) if line["event"] == "Listening"]
    assert [line["address"] for line in said] == [f"http://[::]:{port}"]


def test_the_log_has_the_error_when_the_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        run = subprocess.run(
            [sys.executable, SCRIPT],
            env={**os.environ, "PORT": port},
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 3  # uvicorn: could not start
    assert "address already in use" in run.stdout


def test_a_client_that_disconnects_while_it_sends_its_body_causes_no_error(start: Start) -> None:
    metrics_port = free_port()
    service = start("python", SCRIPT, METRICS_PORT=str(metrics_port))
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(b"POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        client.sendall(b"Content-Length: 100\r\n\r\n{")
    deadline = time.monotonic() + 10
    while 'status="499"' not in httpx.get(f"http://127.0.0.1:{metrics_port}/metrics").text:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    lines = [json.loads(line) for line in service.output()]
    assert [line for line in lines if line["level"] == "error"] == []


def test_a_request_with_an_upgrade_header_logs_no_warning(start: Start) -> None:
    service = start("python", SCRIPT)
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    assert httpx.get(f"{service.url}/metadata", headers=headers).status_code == 200
    assert {json.loads(line)["level"] for line in service.output()} == {"info"}


def test_a_request_cancelled_at_shutdown_logs_no_traceback(start: Start) -> None:
    service = start("python", SCRIPT, SHUTDOWN_SECONDS="1")
    answers: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: answers.append(httpx.get(f"{service.url}/slow?seconds=30")))
    asking.start()
    time.sleep(0.3)  # the request is in flight then
    lines = [json.loads(line) for line in service.output()]
    asking.join()
    assert [answer.status_code for answer in answers] == [503]
    assert [line["event"] for line in lines if "exception" in line] == []
    assert any("Cancel 1 running task" in line["event"] for line in lines)
