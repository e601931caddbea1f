"""The metrics have a port of their own; only /metrics is there, and nowhere else."""

import json
import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tests.support.processes import Running, Start, free_port

FOLDER = Path(__file__).parent
SLOW = str(FOLDER / "slow_service.py")
BOUNDED = str(FOLDER / "bounded_service.py")


class Serving:
    """A process of the service, whose output is read while it runs."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.lines: queue.Queue[dict[str, object]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.running.process.stdout is not None
        for line in self.running.process.stdout:
            self.lines.put(json.loads(line))

    def metrics_url(self) -> str:
        """The address of the metrics, as the log has it."""
        while True:
            line = self.lines.get(timeout=20)
            address = str(line.get("address", ""))
            if line["event"] == "Listening" and address.endswith("/metrics"):
                return address.replace("[::]", "127.0.0.1")


@pytest.fixture
def url(start: Start) -> str:
    """The address of the metrics of a service that chose a free port for them."""
    return Serving(start("python", SLOW, METRICS_PORT="0")).metrics_url()


def test_the_metrics_port_has_the_metrics_of_the_service(start: Start) -> None:
    running = start("python", SLOW, METRICS_PORT="0")
    url = Serving(running).metrics_url()
    httpx.get(f"{running.url}/metadata")
    answer = httpx.get(url)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'http_requests_total{method="GET",route="/metadata",status="200"} 1.0' in answer.text


def test_a_head_request_has_the_headers_and_no_body(url: str) -> None:
    answer = httpx.head(url)
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/health", 404),
        ("GET", "/slow", 404),
        ("GET", "/metrics/", 404),
        ("POST", "/metrics", 405),
    ],
)
def test_nothing_else_is_on_the_metrics_port(url: str, method: str, path: str, status: int) -> None:
    answer = httpx.request(method, url.removesuffix("/metrics") + path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert "x-request-id" in answer.headers


@pytest.mark.parametrize("environment", [{}, {"METRICS_PORT": "0"}])
def test_the_port_of_the_service_has_no_metrics(start: Start, environment: dict[str, str]) -> None:
    service = start("python", SLOW, **environment)
    answer = httpx.get(f"{service.url}/metrics")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_without_a_metrics_port_the_service_listens_on_one_port(start: Start) -> None:
    service = start("python", SLOW, HOST="::", ACCESS_OPEN_TO_NETWORK="1")
    said = [line for line in map(json.loads, service.output()) if line["event"] == "Listening"]
    assert len(said) == 1


def test_the_metrics_are_on_ipv4_and_ipv6_if_the_service_is(start: Start) -> None:
    port = urlsplit(
        Serving(start("python", SLOW, HOST="::", ACCESS_OPEN_TO_NETWORK="1", METRICS_PORT="0")).metrics_url()
    ).port
    for host in ("127.0.0.1", "[::1]"):
        assert httpx.get(f"http://{host}:{port}/metrics").status_code == 200


def test_names_that_only_the_service_has_do_not_keep_prometheus_out(start: Start) -> None:
    url = Serving(
        start(
            "python",
            SLOW,
            HOST="::",
            ACCESS_OPEN_TO_NETWORK="1",
            ALLOWED_HOSTS="lab.example",
            METRICS_PORT="0",
        )
    ).metrics_url()
    assert httpx.get(url).status_code == 200
    assert httpx.get(url, headers={"Host": "inventory.benchtop.svc"}).status_code == 200


def test_on_loopback_a_page_of_another_name_cannot_read_the_metrics(url: str) -> None:
    assert httpx.get(url, headers={"Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "::"])
def test_a_metrics_port_that_is_taken_stops_the_start(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = _run(
            HOST=host,
            ACCESS_OPEN_TO_NETWORK="1",
            PORT=str(free_port()),
            METRICS_PORT=str(taken.getsockname()[1]),
        )
    assert run.returncode == 3  # as if PORT were taken
    error = next(line for line in map(json.loads, run.stdout.splitlines()) if line["level"] == "error")
    assert "address already in use" in str(error["event"]).lower()
    assert error["setting"] == "METRICS_PORT"


def test_the_port_of_the_service_cannot_be_the_metrics_port_too() -> None:
    port = str(free_port())
    run = _run(PORT=port, METRICS_PORT=port)
    assert run.returncode == 3
    assert "address already in use" in run.stdout.lower()


def _run(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SLOW],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_the_metrics_can_be_read_while_the_service_drains(start: Start) -> None:
    serving = Serving(start("python", SLOW, METRICS_PORT="0", DRAIN_SECONDS="2"))
    url = serving.metrics_url()
    serving.running.process.terminate()
    while httpx.get(f"{serving.running.url}/health/ready").status_code == 200:
        pass
    assert httpx.get(url).status_code == 200
    assert serving.running.process.wait(timeout=10) == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_a_client_that_keeps_its_connection_to_the_metrics_does_not_delay_the_stop(start: Start) -> None:
    serving = Serving(start("python", SLOW, METRICS_PORT="0", SHUTDOWN_SECONDS="60"))
    with httpx.Client() as client:
        assert client.get(serving.metrics_url()).status_code == 200
        serving.running.process.terminate()
        assert serving.running.process.wait(timeout=20) == 0


@pytest.fixture
def connection(start: Start) -> Iterator[socket.socket]:
    """A connection to the metrics port of a service with small limits."""
    port = free_port()
    start("python", BOUNDED, METRICS_PORT=str(port))
    with socket.create_connection(("127.0.0.1", port), timeout=20) as opened:
        yield opened


@pytest.mark.parametrize(
    ("sent", "status"), [(b"GET /metrics HTTP/1.1\r\n", b"408"), (b"GET /" + b"x" * 70_000, b"431")]
)
def test_the_limits_of_connections_hold_on_the_metrics_port(
    connection: socket.socket, sent: bytes, status: bytes
) -> None:
    connection.sendall(sent)
    assert connection.recv(65536).startswith(b"HTTP/1.1 " + status)
