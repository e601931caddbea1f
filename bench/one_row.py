"""One row by GET: compare inventory with a lower bound and with servers that use other libraries."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import httpx

from bench import servers
from bench.cpu import tree_seconds
from bench.errors import BenchError
from bench.load import CONNECTIONS, Generator, Load
from bench.postgres import Postgres, seeded
from bench.processes import free_port, running, wait_until_answers
from bench.servers import Server
from bench.tables import goal, number, table
from bench.usage import measure

QUERY = "select * from inventory.site where id = 1;\n"
OURS = "inventory `/site/1`"
PGBENCH = "(b) `pgbench -M prepared`, the same row"


class Sample(NamedTuple):
    """One round of one server; CPU time in microseconds for each response."""

    rate: float
    server_us: float
    database_us: float
    p99_ms: float | None

    @property
    def total_us(self) -> float:
        """CPU time of the server and of PostgreSQL."""
        return self.server_us + self.database_us


Probe = Callable[[int], Sample]
"""Puts load on a server for a number of seconds."""
Samples = Mapping[str, Sequence[Sample]]


def run(
    folder: Path, venv: Path, load: Generator, seconds: int, rounds: int, say: Callable[[str], None]
) -> Samples:
    """Run all rounds. The rounds of the servers alternate, so that other work on the machine affects all alike."""
    with contenders(folder, venv, load, say) as probes:
        samples: dict[str, list[Sample]] = {name: [] for name in probes}
        for name, probe in probes.items():
            say(f"warming up {name}")
            probe(1)
        for number_of_round in range(1, rounds + 1):
            for name, probe in probes.items():
                samples[name].append(probe(seconds))
                say(f"round {number_of_round} of {rounds}, {name}: {number(samples[name][-1].rate)}/s")
        return samples


@contextmanager
def contenders(
    folder: Path, venv: Path, load: Generator, say: Callable[[str], None]
) -> Iterator[Mapping[str, Probe]]:
    """Start all servers on one PostgreSQL, and check that they return the same JSON."""
    with ExitStack() as stack:
        say("starting PostgreSQL and the servers")
        postgres = stack.enter_context(seeded(folder))
        probes: dict[str, Probe] = {}

        def start(server: Server, port: int) -> bytes:
            log = folder / f"{server.name}.log"
            process = stack.enter_context(running(server.command, log, server.environ))
            base = f"http://127.0.0.1:{port}"
            bodies = [wait_until_answers(base + path, process, log) for path in server.paths.values()]
            for name, path in server.paths.items():
                client = partial(load, folder / "load.log", base + path)
                probes[name] = partial(over_http, client, process.pid, postgres.pid)
            return bodies[0]

        port = free_port()
        expected = start(servers.inventory(postgres.url, port), port)
        port = free_port()
        start(servers.bare(venv, port, expected), port)
        probes[PGBENCH] = partial(by_pgbench, postgres, folder)
        for peer in (servers.flask_sync, servers.flask_threads, servers.fastapi):
            port = free_port()
            server = peer(venv, postgres.url, port)
            require_equal(server.name, start(server, port), expected)
        yield probes


def require_equal(name: str, answer: bytes, expected: bytes) -> None:
    """Compare the JSON of two responses.

    Raises:
        BenchError: they differ, so that a comparison of their speeds would mean nothing.
    """
    theirs, ours = (httpx.Response(200, content=body).json() for body in (answer, expected))
    if theirs != ours:
        raise BenchError(f"{name} returns {theirs}, inventory {ours}: change bench/peers to return the same.")


def over_http(client: Callable[[int], Load], server_pid: int, database_pid: int, seconds: int) -> Sample:
    """Put load on a server."""
    before = tree_seconds(server_pid), tree_seconds(database_pid)
    done = client(seconds)
    server, database = tree_seconds(server_pid) - before[0], tree_seconds(database_pid) - before[1]
    if done.failed or not done.requests:
        raise BenchError(f"{done.failed} requests failed, and {done.requests} got a response.")
    per_request = 1e6 / done.requests
    return Sample(done.requests / done.seconds, server * per_request, database * per_request, done.p99_ms)


def by_pgbench(postgres: Postgres, folder: Path, seconds: int) -> Sample:
    """Put load on PostgreSQL with pgbench, without a server."""
    script = folder / "one_row.sql"
    script.write_text(QUERY, encoding="ascii")
    options = ["--no-vacuum", "--protocol=prepared", f"--client={CONNECTIONS}", f"--time={seconds}"]
    output = folder / "pgbench.out"
    before = tree_seconds(postgres.pid)
    used = measure(
        [postgres.pgbench, *options, f"--file={script}", postgres.url], output, timeout=seconds + 30
    )
    database = tree_seconds(postgres.pid) - before
    said = output.read_text(encoding="utf-8")
    done = re.search(r"actually processed: (\d+)", said), re.search(r"tps = ([\d.]+)", said)
    if done[0] is None or done[1] is None:
        raise BenchError(f"The output of pgbench has an unknown format:\n{said}")
    per_request = 1e6 / int(done[0][1])
    return Sample(float(done[1][1]), used.cpu * per_request, database * per_request, None)


def report(samples: Samples) -> str:
    """The table, and for each goal whether it is reached."""
    ours = samples[OURS]
    rows = []
    ratios: dict[str, tuple[float, float]] = {}
    for name, theirs in samples.items():
        pairs = list(zip(ours, theirs, strict=True))
        ratios[name] = (
            median(our.rate / their.rate for our, their in pairs),
            median(their.total_us / our.total_us for our, their in pairs),
        )
        tails = [each.p99_ms for each in theirs if each.p99_ms is not None]
        figures = (
            median(each.rate for each in theirs),
            median(each.server_us for each in theirs),
            median(each.database_us for each in theirs),
        )
        tail = number(median(tails)) if tails else ""
        rows.append((name, *map(number, figures), tail, *map(number, ratios[name])))
    head = (
        "",
        "responses/s",
        "CPU µs, server",
        "CPU µs, PostgreSQL",
        "p99 ms",
        "rate: inventory ÷ this",
        "CPU: this ÷ inventory",
    )
    goals = []
    for peer, times in (("(c)", 4), ("(d)", 2)):
        rate, cpu = min(ratio for name, ratio in ratios.items() if name.startswith(peer))
        text = f"at least {times} times the rate of {peer} in its fastest variant (ratio of CPU times: {number(cpu)})"
        goals.append(goal(text, rate, at_least=times))
    return "\n\n".join((table(head, rows), *goals))
