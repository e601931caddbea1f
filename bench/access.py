"""What access costs: GET requests to inventory that everybody may send, with a token, and with a session."""

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import httpx
from prometheus_client import CollectorRegistry
from tests.support.issuer import issuing

from bench import servers
from bench.errors import BenchError
from bench.load import Generator
from bench.one_row import Probe, Sample, over_http
from bench.postgres import seeded
from bench.processes import free_port, running, wait_until_answers
from bench.tables import goal, number, table
from chassis.access.caller import Caller
from chassis.access.session_cookie import COOKIE
from chassis.access.sessions import Sessions
from chassis.access.signed_out import SignedOut

PATHS: Mapping[str, str] = {"one row": "/v1/sites/1", "a list": "/v1/sites"}

OPEN = "`ACCESS=open`"
"""The way of calling that the others are compared with."""

PERSON = "ada"
MOST = 1.1
"""Goal: a request with a token or a session needs at most this many times the CPU time of one without."""


class Key(NamedTuple):
    """One request, and the way of calling."""

    request: str
    caller: str


class Service(NamedTuple):
    """A process of inventory."""

    url: str
    pid: int


Samples = Mapping[Key, Sequence[Sample]]


def run(folder: Path, load: Generator, rounds: int, say: Callable[[str], None]) -> Samples:
    """Run all rounds. The ways of calling alternate each second, so that other work affects all alike."""
    with _services(folder, load, say) as probes:
        samples: dict[Key, list[Sample]] = {key: [] for key in probes}
        for key, probe in probes.items():
            say(f"warming up {key.request}, {key.caller}")
            probe(1)  # from now on, the service remembers the token and the session
        for number_of_round in range(1, rounds + 1):
            for key, probe in probes.items():
                samples[key].append(probe(1))
            used = ", ".join(number(each[-1].server_us) for each in samples.values())
            say(f"access: round {number_of_round} of {rounds}, {used} µs of CPU")
        return samples


@contextmanager
def _services(folder: Path, load: Generator, say: Callable[[str], None]) -> Iterator[Mapping[Key, Probe]]:
    """Start inventory twice on one PostgreSQL, open and with access, and check that both return the same JSON."""
    say("access: starting PostgreSQL, an issuer of tokens, and inventory twice")
    with ExitStack() as stack:
        postgres = stack.enter_context(seeded(folder))
        issuer = stack.enter_context(issuing())
        keys = folder / "session-keys"
        keys.write_bytes(urlsafe_b64encode(secrets.token_bytes(32)) + b"\n")
        caller = Caller(kind="session", actor=PERSON, issuer=issuer.url, subject=PERSON)
        cookie = Sessions(str(keys), SignedOut(CollectorRegistry())).start(caller)
        settings = {
            "ACCESS": "token",
            "ACCESS_ISSUERS": json.dumps([{"issuer": issuer.url}]),
            "ACCESS_ROLES": json.dumps({"viewer": [f"user:{PERSON}"]}),
            "ACCESS_SESSION_KEYS_FILE": str(keys),
        }

        def start(access: Mapping[str, str]) -> Service:
            port = free_port()
            server = servers.inventory(postgres.url, port, access)
            log = folder / f"inventory-{port}.log"
            process = stack.enter_context(running(server.command, log, server.environ))
            url = f"http://127.0.0.1:{port}"
            wait_until_answers(f"{url}/health/ready", process, log)
            return Service(url, process.pid)

        closed = start(settings)
        callers: Mapping[str, tuple[Service, Mapping[str, str]]] = {
            OPEN: (start(servers.OPEN), {}),
            "token": (closed, {"Authorization": f"Bearer {issuer.token(PERSON, lifetime=3600)}"}),
            "session": (closed, {"Cookie": f"{COOKIE}={cookie}"}),
        }
        probes: dict[Key, Probe] = {}
        for request, path in PATHS.items():
            expected = _body(callers[OPEN][0].url + path, {})
            for name, (service, headers) in callers.items():
                url = service.url + path
                if _body(url, headers) != expected:
                    raise BenchError(f"{path} has another response with a {name}.")
                client = partial(load, folder / "load.log", url, headers=headers)
                probes[Key(request, name)] = partial(over_http, client, service.pid, postgres.pid)
        yield probes


def _body(url: str, headers: Mapping[str, str]) -> bytes:
    response = httpx.get(url, headers=headers)
    if response.status_code != httpx.codes.OK:
        raise BenchError(f"{url} gives {response.status_code}: {response.text[:500]}")
    return response.content


def report(samples: Samples) -> str:
    """The table, and whether the goal is reached."""
    rows = []
    ratios = []
    for request in PATHS:
        free = samples[Key(request, OPEN)]
        for key in (key for key in samples if key.request == request):
            ratio = median(
                their.server_us / our.server_us for our, their in zip(free, samples[key], strict=True)
            )
            ratios.append(ratio)
            figures = (
                median(each.rate for each in samples[key]),
                median(each.server_us for each in samples[key]),
                ratio,
            )
            rows.append((f"{request} `{PATHS[request]}`, {key.caller}", *map(number, figures)))
    head = ("", "responses/s", "CPU µs, server", f"CPU ÷ {OPEN}")
    text = "at most 1.1 times the CPU time of the same request without access"
    return f"{table(head, rows)}\n\n{goal(text, max(ratios), at_most=MOST)}"
