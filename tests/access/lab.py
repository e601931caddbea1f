"""The three services as processes with access, on one database, and what is stored in it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg import sql
from tests.access.callers import bearer
from tests.balances.feed_server import SAMPLE
from tests.support.issuer import TestIssuer
from tests.support.processes import Running, free_port, wait_until_live

from chassis.access.permissions import ROLES

SCHEMAS = ["inventory", "balances"]

FEED = "demo"

ROW = 900
"""Id of a row of each kind that no other row refers to, so that it can be deleted."""

INACTIVE = ROW + 1
"""Id of an account that is not active."""

ROWS = f"""
insert into inventory.site (id, name) values (1, 'Site 1'), ({ROW}, 'Site {ROW}');
insert into inventory.freezer (id, name, site_id) values (1, 'Freezer 1', 1);
insert into inventory.freezer (id, name, site_id) values ({ROW}, 'Freezer {ROW}', 1);
insert into inventory.computer (id, name, mac, site_id) values ({ROW}, 'Computer {ROW}', '08:00:2b:00:09:00', 1);
insert into inventory.container (id, uuid, description, freezer_id)
    values ({ROW}, '5f0f2d3c-7f4b-4e0e-9a55-0f7c1f1b6900', 'Container {ROW}', 1);
insert into inventory.account (id, username, email) values ({ROW}, 'emmy', 'emmy@example.org');
insert into inventory.account (id, username, email, active) values ({INACTIVE}, 'kurt', 'kurt@example.org', false);
insert into inventory.account_identity (issuer, subject, account_id) values ('https://id.example', 'emmy', {ROW});
"""

TABLES = """
select table_schema, table_name
from information_schema.tables
where table_schema = any(%s) and table_type = 'BASE TABLE' and table_name <> 'schema_migration'
order by 1, 2
"""


class Contents:
    """What is stored in the database of all services."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        found = connection.execute(TABLES, [SCHEMAS]).fetchall()
        self._tables = [sql.Identifier(schema, table) for schema, table in found]
        self._copies = [sql.Identifier("saved", f"{schema}_{table}") for schema, table in found]

    def read(self) -> list[Any]:
        """A digest of each table."""
        one = sql.SQL("(select md5(string_agg(row::text, ' ' order by row::text)) from {} as row)")
        digests = sql.SQL(", ").join(one.format(table) for table in self._tables)
        return list(self._connection.execute(sql.SQL("select {}").format(digests)).fetchall()[0])

    def save(self) -> None:
        """Keep a copy of each table."""
        self._connection.execute("create schema saved")
        for table, copy in zip(self._tables, self._copies, strict=True):
            self._connection.execute(sql.SQL("create table {} as table {}").format(copy, table))

    def restore(self) -> None:
        """Store what was saved, and nothing else."""
        with self._connection.transaction():
            self._connection.execute(
                "set local session_replication_role = replica"
            )  # no foreign keys, no triggers
            for table, copy in zip(self._tables, self._copies, strict=True):
                self._connection.execute(sql.SQL("delete from {}").format(table))
                back = sql.SQL("insert into {} overriding system value table {}").format(table, copy)
                self._connection.execute(back)


class Lab:
    """The running services.

    Args:
        services: the processes by name.
        client: an HTTP client that follows no redirects.
        contents: what is stored.
        token: the token of an admin.
        folder: has the output of each process.
    """

    def __init__(
        self,
        services: Mapping[str, Running],
        client: httpx.Client,
        contents: Contents,
        token: str,
        folder: Path,
    ) -> None:
        self.services = services
        self.client = client
        self.contents = contents
        self.token = token
        self._folder = folder
        self.admin = bearer(token)
        self.event = ""
        """Id of an event."""
        self.notification = 0
        """Id of its notification, which was not delivered."""

    def changed(self, before: list[Any]) -> bool:
        """Whether something changes within some seconds: a feed is read in the background."""
        deadline = time.monotonic() + 20
        while self.contents.read() == before:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def undo(self, before: list[Any]) -> None:
        """Undo what has changed, when no feed is read any more."""
        while self._refreshes():
            time.sleep(0.01)
        if self.contents.read() != before:
            self.contents.restore()

    def _refreshes(self) -> bool:
        feeds = self.ask("balances", "GET", "/v1/feeds").json()["items"]
        return any(feed["current_refresh"] for feed in feeds)

    def log(self, service: str) -> str:
        """The complete lines that a service has logged."""
        text = (self._folder / f"{service}.log").read_text()
        return text[: text.rfind("\n") + 1]

    def url(self, service: str) -> str:
        """The address of a service."""
        return self.services[service].url

    def ask(self, service: str, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request as an admin; it must succeed."""
        response = self.client.request(method, self.url(service) + path, headers=self.admin, **more)
        assert response.status_code < 400, response.text
        return response


@contextmanager
def running(database_url: str, issuer: TestIssuer, folder: Path, **settings: str) -> Iterator[Lab]:
    """Start the services, and store something of each kind; all of it is stopped at the end of the block.

    Args:
        database_url: URL of an empty database.
        issuer: issues the tokens that the services accept.
        folder: for the output of the processes.
        settings: more settings of all services.
    """
    ports = {name: free_port() for name in ("inventory", "balances", "status")}
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    environment = {
        "ACCESS": os.environ.get("TRIAL", "token"),
        "ACCESS_ISSUERS": json.dumps([{"issuer": issuer.url}]),
        "ACCESS_ROLES": json.dumps({role: [f"user:{role}"] for role in ROLES}),
        "DATABASE_URL": database_url,
        "FEEDS": json.dumps({FEED: {"url": str(SAMPLE), "min_interval": 0}}),
        "INVENTORY_URL": urls["inventory"],
        "BALANCES_URL": urls["balances"],
        **settings,
    }
    with ExitStack() as stack:
        services = {}
        for name, port in ports.items():
            output = stack.enter_context((folder / f"{name}.log").open("w"))
            process = stack.enter_context(
                subprocess.Popen(
                    [Path(sys.executable).with_name(name), "serve"],
                    env={**os.environ, **environment, "PORT": str(port)},
                    stdout=output,
                    stderr=output,
                    text=True,
                )
            )
            stack.callback(process.kill)
            services[name] = Running(process, urls[name])
        for one in services.values():
            wait_until_live(one, 120)
        connection = stack.enter_context(psycopg.connect(database_url, autocommit=True))
        client = stack.enter_context(httpx.Client(timeout=30))
        connection.execute(ROWS.encode())
        lab = Lab(services, client, Contents(connection), issuer.token("admin"), folder)
        _fill(lab, connection)
        lab.contents.save()
        yield lab


def _fill(lab: Lab, connection: psycopg.Connection) -> None:
    """Store an event whose notification was not delivered, and a snapshot of the feed."""
    event = lab.ask("inventory", "POST", "/v1/events", json={"user_id": "emmy", "description": "Warm"})
    lab.event = event.json()["id"]
    connection.execute("update inventory.notification set state = 'dead', finished_at = now()")
    lab.notification = lab.ask("inventory", "GET", "/v1/notifications").json()["items"][0]["id"]
    lab.ask("balances", "POST", "/v1/refresh")
