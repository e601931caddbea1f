"""Services learn from each other which sessions have signed out."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs
from tests.chassis.greeter import MakeClient
from tests.support.session_files import write_keys

from chassis.access import signed_out as signed_out_module
from chassis.access import signed_out_poll
from chassis.access.signed_out import SignedOut, digest_of
from chassis.access.signed_out_poll import SignedOutPoll
from chassis.process.background import BackgroundTasks

FIRST, SECOND, THIRD = (digest_of(sid) for sid in "abc")

SOON = int(time.time()) + 3600


class Peer:
    """A service that says what a test wants."""

    def __init__(self, address: str, port: int = 0) -> None:
        self.body = said({})
        self.status = 200
        self.hosts: list[str] = []
        self.paths: list[str] = []
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                peer.hosts.append(self.headers["Host"])
                peer.paths.append(self.path)
                self.send_response(peer.status)
                self.send_header("Location", "/v1/elsewhere")
                self.end_headers()
                self.wfile.write(peer.body)

            def log_message(self, *_: Any) -> None:
                """Print nothing."""

        class Server(ThreadingHTTPServer):
            address_family = socket.AF_INET6 if ":" in address else socket.AF_INET

        self.server = Server((address, port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


MakePeer = Callable[..., Peer]


@pytest.fixture
def make_peer() -> Iterator[MakePeer]:
    """Starts services, each on an address of this machine."""
    with ExitStack() as stack:

        def make(address: str = "127.0.0.1", port: int = 0) -> Peer:
            peer = Peer(address, port)
            stack.callback(peer.server.server_close)
            stack.callback(peer.server.shutdown)
            return peer

        yield make


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_out_poll, "SECONDS", 0.02)


def said(sessions: dict[str, int]) -> bytes:
    return json.dumps({"sessions": sessions}).encode()


def polled(urls: list[str], until: Callable[[SignedOut, CollectorRegistry], bool]) -> SignedOut:
    """Poll the URLs until something is so, and return what was learnt."""
    registry = CollectorRegistry()
    known = SignedOut(registry)

    async def scenario() -> None:
        async with asyncio.timeout(20), SignedOutPoll(urls, known).running(BackgroundTasks(registry)):
            while not until(known, registry):  # noqa: ASYNC110  the poll has no event to wait for
                await asyncio.sleep(0.005)

    asyncio.run(scenario())
    return known


def failures(registry: CollectorRegistry) -> float:
    return sum(
        sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == "background_task_failures_total"
    )


def test_what_another_service_knows_is_learnt(make_peer: MakePeer) -> None:
    peer = make_peer()
    peer.body = said({FIRST: SOON})
    known = polled([f"http://127.0.0.1:{peer.port}/status"], lambda known, _: FIRST in known)
    assert SECOND not in known
    assert set(peer.paths) == {"/status/v1/signed-out"}


@contextmanager
def resolving(monkeypatch: pytest.MonkeyPatch, **names: list[str]) -> Iterator[None]:
    """Let the resolver of the machine know more names."""
    real = socket.getaddrinfo

    def find(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return [found for one in names.get(name, [name]) for found in real(one, port, *args, **more)]

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", find)
        yield


def test_each_address_of_a_host_is_asked_ipv6_too(
    make_peer: MakePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    peers = [make_peer("127.0.0.1")]
    port = peers[0].port
    peers += [make_peer("127.0.0.2", port), make_peer("::1", port)]
    for peer, digest in zip(peers, (FIRST, SECOND, THIRD), strict=True):
        peer.body = said({digest: SOON})
    with resolving(monkeypatch, replicas=["127.0.0.1", "127.0.0.2", "::1"]):
        polled(
            [f"http://replicas:{port}"],
            lambda known, _: all(one in known for one in (FIRST, SECOND, THIRD)),
        )
    assert {host for peer in peers for host in peer.hosts} == {f"replicas:{port}"}


def test_what_was_learnt_is_kept_while_the_other_service_is_out(make_peer: MakePeer) -> None:
    peer = make_peer()
    peer.body = said({FIRST: SOON})
    stopped = False

    def out(known: SignedOut, registry: CollectorRegistry) -> bool:
        nonlocal stopped
        if FIRST in known and not stopped:
            peer.server.shutdown()
            peer.server.server_close()
            stopped = True
        return failures(registry) > 3

    assert FIRST in polled([f"http://127.0.0.1:{peer.port}"], out)


def test_one_replica_that_is_out_hides_nothing_of_the_others(
    make_peer: MakePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = make_peer("127.0.0.2")
    peer.body = said({FIRST: SOON})
    with resolving(monkeypatch, replicas=["127.0.0.1", "127.0.0.2"]):
        polled([f"http://replicas:{peer.port}"], lambda known, _: FIRST in known)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>"),
        (200, b"[" * 60_000),
        (200, b"[]"),
        (200, b'{"sessions": null}'),
        (200, said({"short": SOON})),
        (200, json.dumps({"sessions": {FIRST: "soon"}}).encode()),
        (200, json.dumps({"sessions": {FIRST: SOON}, "pad": "x" * 70_000}).encode()),
        (200, said({digest_of(str(number)): SOON for number in range(1001)})),
        (302, said({FIRST: SOON})),
        (404, said({FIRST: SOON})),
        (503, b""),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else str(value),
)
def test_a_bad_answer_is_ignored_with_one_log_line(make_peer: MakePeer, status: int, body: bytes) -> None:
    peer = make_peer()
    peer.status, peer.body = status, body
    with capture_logs() as logs:
        known = polled([f"http://127.0.0.1:{peer.port}"], lambda _, registry: failures(registry) > 8)
    assert json.loads(known.as_json()) == {"sessions": {}}
    assert len([one for one in logs if one["log_level"] != "debug"]) == 1


def test_a_name_without_an_address_is_no_error_of_the_process() -> None:
    polled(["http://nowhere.invalid:8000"], lambda _, registry: failures(registry) > 1)


def test_the_metrics_say_when_a_service_last_answered_and_how_many_sessions_signed_out(
    make_peer: MakePeer,
) -> None:
    peer = make_peer()
    peer.body = said({FIRST: SOON, SECOND: SOON})
    registry = CollectorRegistry()
    known = SignedOut(registry)
    task = {"task": f"signed-out sessions of 127.0.0.1:{peer.port}"}
    name = "background_task_last_success_timestamp_seconds"

    async def scenario() -> None:
        urls = [f"http://127.0.0.1:{peer.port}"]
        async with asyncio.timeout(20), SignedOutPoll(urls, known).running(BackgroundTasks(registry)):
            while not registry.get_sample_value(name, task):  # noqa: ASYNC110  the poll has no event
                await asyncio.sleep(0.005)

    asyncio.run(scenario())
    assert registry.get_sample_value("access_signed_out_sessions") == 2


def test_the_number_of_sessions_that_are_kept_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(signed_out_module, "MOST", 2)
    known = SignedOut(CollectorRegistry())
    for digest, end in ((FIRST, SOON + 2), (SECOND, SOON), (THIRD, SOON + 1)):
        known.add(digest, end)
    assert [one in known for one in (FIRST, SECOND, THIRD)] == [True, False, True]


def test_the_full_list_is_smaller_than_what_is_read_of_it() -> None:
    known = SignedOut(CollectorRegistry())
    known.merge({digest_of(str(number)): SOON for number in range(signed_out_module.MOST)})
    assert len(json.loads(known.as_json())["sessions"]) == signed_out_module.MOST
    assert len(known.as_json()) < signed_out_poll.MOST_BYTES


def test_another_service_cannot_make_a_digest_stay_for_ever() -> None:
    known = SignedOut(CollectorRegistry())
    known.merge({FIRST: 2**62, SECOND: -5})
    found = json.loads(known.as_json())["sessions"]
    assert set(found) == {FIRST}
    assert found[FIRST] <= time.time() + signed_out_module.LONGEST_SECONDS


@pytest.mark.parametrize("prefix", ["", "/greeter"])
def test_every_service_lists_the_digests_to_everybody(
    make_client: MakeClient, tmp_path: Path, prefix: str
) -> None:
    keys = write_keys(tmp_path / "keys")
    client = make_client({"access": "token", "access_session_keys_file": str(keys)})
    response = client.get(f"{prefix}/v1/signed-out")
    assert (response.status_code, response.json()) == (200, {"sessions": {}})
    assert response.headers["cache-control"] == "no-store"
