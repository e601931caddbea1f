"""The `inventory` command line."""

import asyncio
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from chassis.database.migrations import collect
from inventory.example_data import seed

Sql = Callable[..., list[tuple[Any, ...]]]

INVENTORY = str(Path(sys.executable).with_name("inventory"))


def environment(url: str, **more: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": url, "LOG_LEVEL": "error", **more}


def run(url: str, *arguments: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [INVENTORY, *arguments],
        env=environment(url, **more),
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def everything(sql: Sql) -> list[Any]:
    tables = ("site", "freezer", "computer", "container", "account")
    return [sql(f"select * from {table} order by id") for table in tables]


def test_help_lists_the_commands() -> None:
    done = run("", "--help")
    assert done.returncode == 0
    for word in ("serve", "worker", "migrate", "seed", "recreate-db", "shell", "DATABASE_URL"):
        assert word in done.stdout


@pytest.mark.parametrize("arguments", [[], ["dance"], ["serve", "--fast"]])
def test_a_wrong_command_line_is_a_usage_error(arguments: list[str]) -> None:
    done = run("", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: inventory" in done.stderr


def test_a_missing_database_setting_is_named() -> None:
    done = run("", "serve")
    assert done.returncode == 2
    assert json.loads(done.stderr)["event"].startswith("DATABASE_URL is not set")


def test_an_unreachable_database_is_one_line(free_ports: Callable[[], int]) -> None:
    done = run(f"postgresql://127.0.0.1:{free_ports()}/x", "migrate", DATABASE_WAIT_SECONDS="0.3")
    assert done.returncode == 1
    assert json.loads(done.stderr)["event"].startswith("No database after 0.3 s: ")


def test_two_processes_that_migrate_at_once_run_each_migration_once(database_url: str) -> None:
    processes = [
        subprocess.Popen(
            [INVENTORY, "migrate"], env=environment(database_url), stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [json.loads(process.communicate(timeout=30)[1])["event"] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    run = [name for event in said for name in re.findall(r"[0-9]{4}-[a-z-]+\.sql", event)]
    assert sorted(run) == [migration.name for migration in collect("inventory")]


def test_a_command_logs_what_it_did_in_one_line(database_url: str) -> None:
    for arguments, said in {
        ("seed",): "The example data is there.",
        ("recreate-db", "--yes"): "The schema is empty and up to date.",
    }.items():
        done = run(database_url, *arguments)
        line = json.loads(done.stderr)
        assert (done.returncode, line["event"], line["level"]) == (0, said, "info")


def test_the_console_format_shows_plain_text(database_url: str) -> None:
    done = run(database_url, "migrate", LOG_FORMAT="console")
    assert done.stderr.startswith("inventory: Migrations run: 0001-")


def test_seed_inserts_the_example_data(database_url: str) -> None:
    assert run(database_url, "seed").returncode == 0
    with psycopg.connect(database_url, options="-c search_path=inventory") as connection:
        assert connection.execute(
            "select * from (select id, name, contact from site order by id) s"
        ).fetchall() == [
            (1, "Site 1", "John Smith"),
            (2, "Site 2", None),
            (3, "Site 3", None),
        ]
        names = connection.execute(
            "select name, site_id from instrument order by site_id, rank, id"
        ).fetchall()
    assert names == [("Computer 1", 1), ("Computer 2", 1), ("-20C", 1), ("-40C", 1)]


def test_a_second_seed_changes_nothing(stocked: str, sql: Sql) -> None:
    before = everything(sql)
    asyncio.run(seed(stocked))
    assert everything(sql) == before


def test_seed_keeps_what_was_edited(stocked: str, sql: Sql) -> None:
    sql("update site set name = 'Mine' where id = 1")
    sql("update account set email = 'me@example.org' where id = 1")
    sql("insert into account (username, email) values ('other', 'ada@example.org')")
    before = everything(sql)
    asyncio.run(seed(stocked))
    assert everything(sql) == before


def test_recreate_db_asks_first(stocked: str, sql: Sql) -> None:
    done = run(stocked, "recreate-db")
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert sql("select count(*) from site") == [(3,)]


@pytest.mark.parametrize(("typed", "status", "sites"), [("no", 1, 3), ("inventory", 0, 0)])
def test_recreate_db_takes_a_typed_confirmation(
    new_database: Callable[..., str], template: str, typed: str, status: int, sites: int
) -> None:
    url = new_database(template)
    asyncio.run(seed(url))
    controller, terminal = pty.openpty()
    with subprocess.Popen(
        [INVENTORY, "recreate-db"],
        env=environment(url),
        stdin=terminal,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.write(controller, f"{typed}\n".encode())
        assert process.wait(20) == status
    os.close(controller)
    os.close(terminal)
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from inventory.site").fetchone() == (sites,)


def test_recreate_db_with_yes_empties_the_schema(own_url: str) -> None:
    asyncio.run(seed(own_url))
    assert run(own_url, "recreate-db", "--yes").returncode == 0
    with psycopg.connect(own_url) as connection:
        assert connection.execute("select count(*) from inventory.site").fetchone() == (0,)


def test_the_shell_runs_sql_and_prints_tables(stocked: str) -> None:
    script = """
sql("select id, name, contact from site where id < %s order by id", [3])
sql("update site set contact = 'x' where id = 3")
sql("selec")
print(6 * 7)
"""
    done = run(stocked, "shell", given=script)
    assert done.returncode == 0
    tables = done.stderr.partition("Tables: ")[2].partition("\n")[0].split(", ")
    assert tables == sorted(tables)
    assert {"account", "computer", "container", "event"} <= set(tables)
    expected = [
        "id  name    contact",
        "--  ------  ----------",
        "1   Site 1  John Smith",
        "2   Site 2",
        "(2 rows)",
        "UPDATE 1",
        'syntax error at or near "selec"',
        "42",
    ]
    printed = done.stdout.replace(">>> ", "").splitlines()
    assert [line for line in printed if line in expected] == expected


def test_serve_brings_the_schema_up_to_date(database_url: str, start: Callable[..., Any]) -> None:
    service = start("inventory", "serve", DATABASE_URL=database_url, LOG_LEVEL="error")
    assert httpx.get(f"{service.url}/inventory/sites").json() == []
    assert httpx.get(f"{service.url}/health/ready").json()["checks"] == {
        "database": {"status": "up"},
        "writes": {"status": "up"},
    }


def test_serve_does_not_migrate_if_migrate_on_start_is_false(
    database_url: str, start: Callable[..., Any]
) -> None:
    service = start(
        "inventory", "serve", DATABASE_URL=database_url, LOG_LEVEL="error", MIGRATE_ON_START="false"
    )
    assert httpx.get(f"{service.url}/health").status_code == 200
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select to_regnamespace('inventory')").fetchone() == (None,)


def test_version_says_which_version_it_is() -> None:
    done = run("", "--version")
    assert (done.returncode, done.stdout) == (0, f"inventory {version('benchtop-inventory')}\n")
