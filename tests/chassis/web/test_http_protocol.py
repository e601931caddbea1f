"""Clients have limits on the memory, the connections and the time that they take."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from tests.support.processes import Running, Start

SCRIPT = str(Path(__file__).parent / "bounded_service.py")
POST = b"POST /count HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture
def service(start: Start) -> Running:
    return start("python", SCRIPT)


@pytest.fixture
def connect(service: Running) -> Iterator[Callable[[], socket.socket]]:
    """Opens connections to the service."""
    host, port = service.url.removeprefix("http://").split(":")
    with ExitStack() as stack:
        yield lambda: stack.enter_context(socket.create_connection((host, int(port)), timeout=20))


def send_until_refused(connection: socket.socket, line: bytes, most: int = 50_000_000) -> int:
    """Send the line again and again until the other side has closed; how many bytes that took."""
    sent = 0
    with suppress(OSError):
        while sent < most:
            connection.sendall(line)
            sent += len(line)
    return sent


def received(connection: socket.socket) -> bytes:
    """Everything that comes until the other side has closed."""
    found = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(65536):
            found += part
    return found


def problem(answer: bytes) -> dict[str, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"x-request-id: " in head
    found = json.loads(body)
    assert isinstance(found, dict)
    return found


def memory(service: Running) -> int:
    return int(psutil.Process(service.process.pid).memory_info().rss)


@pytest.mark.parametrize(
    ("beginning", "line"),
    [
        (b"GET /count HTTP/1.1\r\n", b"X-Header: " + b"x" * 8000 + b"\r\n"),
        (b"GET /count HTTP/1.1\r\nX-Header: ", b"x" * 8192),
        (b"GET /", b"x" * 8192),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: " + b"x" * 8000 + b"\r\n"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x" * 8192),
        (b"", b"\r\n" * 4096),
    ],
    ids=["headers", "one-header", "path", "trailers", "chunk-extension", "empty-lines"],
)
def test_a_head_without_end_is_refused(
    service: Running, connect: Callable[[], socket.socket], beginning: bytes, line: bytes
) -> None:
    before = memory(service)
    connection = connect()
    connection.sendall(beginning)
    assert send_until_refused(connection, line) < 10_000_000  # what the sockets' buffers hold
    assert memory(service) - before < 4_000_000
    assert httpx.get(f"{service.url}/health").status_code == 200


def test_a_431_has_the_limit_in_its_message(connect: Callable[[], socket.socket]) -> None:
    connection = connect()
    connection.sendall(b"GET / HTTP/1.1\r\nX-Header: " + b"x" * 65_600)
    answer = received(connection)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert "65536 bytes" in problem(answer)["detail"]


def test_bytes_that_are_not_http_are_refused_with_a_problem(connect: Callable[[], socket.socket]) -> None:
    connection = connect()
    connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
    answer = received(connection)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert "not HTTP/1.1" in problem(answer)["detail"]


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET /count HTTP/1.1\r\nHost:",
        POST + b"Content-Length: 100\r\n\r\n{",
        POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
    ids=["head", "body", "chunked-body"],
)
def test_a_request_that_stops_in_the_middle_is_408(
    connect: Callable[[], socket.socket], beginning: bytes
) -> None:
    connection = connect()
    connection.sendall(beginning)
    answer = received(connection)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert "must arrive within" in problem(answer)["detail"]


def test_a_body_sent_byte_by_byte_is_408(connect: Callable[[], socket.socket]) -> None:
    connection = connect()
    connection.sendall(POST + b"Content-Length: 1000\r\n\r\n")
    connection.settimeout(0.2)
    deadline = time.monotonic() + 15
    answer = b""
    while not answer and time.monotonic() < deadline:
        connection.sendall(b"x")
        with suppress(TimeoutError):
            answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_connection_without_a_request_is_closed(connect: Callable[[], socket.socket]) -> None:
    assert received(connect()) == b""


def test_a_client_that_does_not_read_is_dropped(
    service: Running, connect: Callable[[], socket.socket]
) -> None:
    before = memory(service)
    connections = [connect() for _ in range(10)]
    for connection in connections:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
    deadline = time.monotonic() + 15
    while service_connections(service):
        assert time.monotonic() < deadline
        assert memory(service) - before < 100_000_000
        time.sleep(0.1)


def service_connections(service: Running) -> list[Any]:
    connections = psutil.Process(service.process.pid).net_connections("tcp")
    return [one for one in connections if one.status == psutil.CONN_ESTABLISHED]


def test_a_client_that_reads_slowly_gets_everything(connect: Callable[[], socket.socket]) -> None:
    connection = connect()
    connection.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    total = 0
    while part := connection.recv(400_000):
        total += len(part)
        time.sleep(0.05)
    assert total > 8_000_000


def test_idle_connections_make_room_for_others(
    service: Running, connect: Callable[[], socket.socket]
) -> None:
    for _ in range(60):
        connect()
        assert httpx.get(f"{service.url}/health").status_code == 200
    assert len(service_connections(service)) <= 20


def test_a_connection_over_the_limit_is_503(
    connect: Callable[[], socket.socket],
) -> None:
    for _ in range(20):
        connect().sendall(POST + b"Content-Length: 100\r\n\r\n{")
    time.sleep(0.3)
    answer = received(connect())
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert "20 connections already" in problem(answer)["detail"]


def test_responses_to_pipelined_requests_are_in_order(connect: Callable[[], socket.socket]) -> None:
    connection = connect()
    requests = [POST + b"Content-Length: %d\r\n\r\n" % n + b"x" * n for n in range(100)]
    connection.sendall(b"".join(requests) + b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n")
    bodies = [part.rpartition(b"\r\n\r\n")[2] for part in received(connection).split(b"HTTP/1.1 200 OK")[1:]]
    assert bodies == [*(str(n).encode() for n in range(100)), b"OK\n"]


def test_a_body_of_many_small_chunks_is_accepted(connect: Callable[[], socket.socket]) -> None:
    connection = connect()
    connection.sendall(POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
    connection.sendall(b"1\r\nx\r\n" * 50_000 + b"0\r\n\r\n")
    assert received(connection).endswith(b"\r\n\r\n50000")


def test_all_incomplete_bodies_together_have_a_limit(
    service: Running, connect: Callable[[], socket.socket]
) -> None:
    megabyte = 1024 * 1024
    before = memory(service)
    for _ in range(19):
        connect().sendall(POST + b"Content-Length: %d\r\n\r\n" % megabyte + b"x" * (megabyte - 1))
    assert memory(service) - before < 64 * megabyte


def test_a_request_that_outlasts_the_shutdown_is_a_503_problem(start: Start) -> None:
    service = start("python", str(Path(SCRIPT).with_name("slow_service.py")), SHUTDOWN_SECONDS="1")
    with httpx.Client(timeout=20) as client, client.stream("GET", f"{service.url}/health"):
        pass
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(b"GET /slow?seconds=30 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(0.5)
        service.process.terminate()
        answer = received(connection)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1" in answer
    assert "the request took longer" in problem(answer)["detail"]
    assert service.process.wait(20) == 0


def test_host_two_colons_listens_on_all_ipv6_and_ipv4_addresses(start: Start) -> None:
    service = start("python", SCRIPT, HOST="::", ACCESS_OPEN_TO_NETWORK="1")
    assert httpx.get(f"{service.url}/health").text == "OK\n"
    assert httpx.get(service.url.replace("127.0.0.1", "[::1]") + "/health").text == "OK\n"
