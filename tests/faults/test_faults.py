"""While processes are killed and stopped, no accepted write is lost or done twice, and every notification is sent.

`FAULT_SECONDS` is the duration (a minute in `make test`, ten in `make soak`); `FAULT_SEED` repeats a run.
"""

import os
import random
import sys
import threading
import time
from pathlib import Path

import psycopg
from tests.faults.clients import Client, Counting, Editor, WithKey, WithoutKey
from tests.faults.system import Faults, System, running
from tests.support.processes import free_port

SECONDS = float(os.environ.get("FAULT_SECONDS", "60"))
SEED = int(os.environ.get("FAULT_SEED", str(random.randrange(10**6))))


def test_accepted_writes_are_stored_once_and_their_notifications_are_sent(tmp_path: Path) -> None:
    with running(tmp_path, [free_port() for _ in range(4)]) as system:
        with system.connect() as connection:
            connection.execute("insert into site (id, name) values (1, 'Site'), (2, 'Other')")
            connection.execute("insert into freezer (id, name, site_id) values (1, 'Freezer', 1)")
        stopping = threading.Event()
        clients: list[Client] = [
            *(WithKey(f"key{number}", system.urls, stopping) for number in range(2)),
            *(WithoutKey(f"plain{number}", system.urls, stopping) for number in range(2)),
            *(Editor(f"editor{number}", system.urls, stopping) for number in range(2)),
            Counting("counting", system.urls, stopping),
        ]
        for client in clients:
            client.start()
        faults = Faults(system, SEED)
        pauses = random.Random(SEED)
        end = time.monotonic() + SECONDS
        try:
            while time.monotonic() < end:
                faults.one()
                time.sleep(pauses.uniform(0.1, 1.5))
        finally:
            stopping.set()
            for client in clients:
                client.join()
        recover(system)
        report(clients, faults)
        for client in clients:
            if client.failure:
                raise client.failure
        check(system, clients)


def recover(system: System) -> None:
    """Wait until all processes run, and all notifications are sent."""
    for program in system.programs:
        if program.process.poll() is not None:
            program.start_again()
    system.wait_until_live()
    deadline = time.monotonic() + 120
    while True:
        try:
            with system.connect() as connection:
                row = connection.execute(
                    "select count(*) from notification where state = 'pending'"
                ).fetchone()
        except psycopg.OperationalError:
            row = None
        if row == (0,):
            return
        assert time.monotonic() < deadline, f"notifications that were not sent in time: {row}"
        time.sleep(0.2)


def report(clients: list[Client], faults: Faults) -> None:
    done = ", ".join(f"{count} {name}" for name, count in sorted(faults.done.items()))
    say(f"seed {SEED}, {SECONDS:g} s; faults: {sum(faults.done.values())} ({done})")
    statuses = sorted(set().union(*(client.statuses for client in clients)))
    say(f"requests: {sum(client.requests for client in clients)}, with the status codes {statuses}")


def say(line: str) -> None:
    """Print a line, for `pytest -s` and for the report of a failure."""
    sys.stdout.write(line + "\n")


def check(system: System, clients: list[Client]) -> None:
    with system.connect() as connection:
        stored: dict[str, list[str]] = {}
        for query in (
            "select description, id::text from event",
            "select description, id::text from container",
        ):
            for text, ident in connection.execute(query.encode()):
                stored.setdefault(text, []).append(ident)
        names = {name for (name,) in connection.execute("select name from site")}
        dead = connection.execute("select count(*) from notification where state = 'dead'").fetchone()
        texts: dict[str, str] = dict(connection.execute("select id::text, description from event").fetchall())
    told = system.told()
    assert dead == (0,)
    acknowledged = 0
    for client in clients:
        if isinstance(client, WithKey | WithoutKey):
            acknowledged += len(client.created)
            lost = {text for text, ident in client.created.items() if stored.get(text) != [ident]}
            assert lost == set(), "lost or doubled"
            assert {text for text in client.unsure if len(stored.get(text, [])) > 1} == set(), "doubled"
            untold = {
                ident
                for text, ident in client.created.items()
                if ident in texts and (ident, text) not in told
            }
            assert untold == set()
        elif isinstance(client, Editor):
            acknowledged += len(client.last)
            assert {ident for ident in client.last if ident not in texts} == set(), "lost"
            for ident, text in client.last.items():
                assert texts[ident] == text or texts[ident] in client.unsure, "an edit is lost"
                assert (ident, texts[ident]) in told, "edited and queued again, but no notification was sent"
        elif isinstance(client, Counting):
            acknowledged += client.count
            assert {f"counting:{client.count}", f"counting:{client.count + 1}"} & names
    say(f"acknowledged and found: {acknowledged}")
    assert acknowledged > 100
