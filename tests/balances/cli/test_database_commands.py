"""The commands that use the database, run as real processes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.balances.feed_server import Feeds

BALANCES = str(Path(sys.executable).parent / "balances")
NO_DATABASE = "postgresql://127.0.0.1:1/none"

Done = subprocess.CompletedProcess[str]


def balances(command: str, **environment: str) -> Done:
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "FEEDS"}}
    return subprocess.run(
        [BALANCES, command], capture_output=True, text=True, check=False, env=inherited | environment
    )


def feeds_setting(**urls: str) -> str:
    return json.dumps({name: {"url": url, "attempts": 1} for name, url in urls.items()})


def test_refresh_reads_every_feed_into_the_database(feeds: Feeds, sql: Any, url: str) -> None:
    other = feeds.serve(feeds.paged([feeds.row()], 1)).url
    done = balances("refresh", DATABASE_URL=url, FEEDS=feeds_setting(demo=str(feeds.sample), other=other))
    assert (done.returncode, done.stderr) == (0, "")
    assert sql("select feed, total::text from reading order by feed") == [
        ("demo", "18377.16"),
        ("other", "-1.50"),
    ]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["feed"], line["rows"]) for line in lines if line["event"] == "Refresh complete"] == [
        ("demo", 38),
        ("other", 1),
    ]


@pytest.mark.parametrize(
    ("failing", "status", "outcome"),
    [("nowhere", 3, "unreachable"), ("invalid", 4, "invalid")],
)
def test_a_failed_feed_does_not_stop_the_others(
    feeds: Feeds, sql: Any, url: str, tmp_path: Path, failing: str, status: int, outcome: str
) -> None:
    address = str(tmp_path / "nowhere") if failing == "nowhere" else str(tmp_path)
    done = balances("refresh", DATABASE_URL=url, FEEDS=feeds_setting(bad=address, demo=str(feeds.sample)))
    assert done.returncode == status
    assert sql("select feed, outcome from refresh order by feed") == [("bad", outcome), ("demo", "complete")]
    (failed,) = (
        line for line in map(json.loads, done.stdout.splitlines()) if line["event"] == "Refresh failed"
    )
    assert (failed["level"], failed["feed"]) == ("error", "bad")


@pytest.mark.parametrize(
    ("environment", "status", "message"),
    [
        ({}, 2, "DATABASE_URL is not set"),
        ({"DATABASE_URL": NO_DATABASE}, 2, "FEEDS is not set"),
        ({"DATABASE_URL": NO_DATABASE, "FEEDS": "{"}, 2, 'a valid value: {"main": {"url": "https://'),
        (
            {"DATABASE_URL": NO_DATABASE, "FEEDS": '{"a": {"url": "x"}, "a": {"url": "y"}}'},
            2,
            "'a' is in it twice",
        ),
        ({"DATABASE_URL": NO_DATABASE, "FEEDS": '{"x": {}}'}, 2, "feed 'x': The field 'url' is missing"),
        ({"DATABASE_URL": NO_DATABASE, "FEEDS": '{"x": {"url": "ftp://h"}}'}, 2, "http:// or https://"),
        ({"DATABASE_URL": NO_DATABASE, "FEEDS": '{"a b": {"url": "x"}}'}, 2, "FEEDS is malformed"),
        (
            {
                "DATABASE_URL": NO_DATABASE,
                "FEEDS": '{"a": {"url": "x"}, "bank": {"url": "x", "deadline": 0}}',
            },
            2,
            "FEEDS is malformed: feed 'bank', field 'deadline': The value must be greater than 0",
        ),
        (
            {
                "DATABASE_URL": NO_DATABASE,
                "FEEDS": '{"a": {"url": "x"}, "bank": {"url": "http://h/\\u0001"}}',
            },
            2,
            "an address has no spaces and no control characters",
        ),
        (
            {"DATABASE_URL": NO_DATABASE, "FEEDS": '{"x": {"url": "x"}}', "DATABASE_WAIT_SECONDS": "0"},
            1,
            "No database after 0 s",
        ),
    ],
)
def test_an_invalid_setting_is_reported_in_one_line(
    environment: dict[str, str], status: int, message: str
) -> None:
    done = balances("refresh", **environment)
    (line,) = map(json.loads, done.stderr.splitlines())
    assert (done.returncode, line["service"]) == (status, "balances")
    assert message in line["event"]


def test_a_token_in_the_feeds_is_not_printed() -> None:
    feeds = '{"x": {"url": "https://h/?token=hunter2", "currency": 7}}'
    done = balances("refresh", DATABASE_URL=NO_DATABASE, FEEDS=feeds)
    assert done.returncode == 2
    assert "hunter2" not in done.stderr


def test_migrate_brings_an_empty_database_up_to_date_once(database_url: str) -> None:
    first, second = (balances("migrate", DATABASE_URL=database_url) for _ in range(2))
    said = [json.loads(done.stderr)["event"] for done in (first, second)]
    files = [
        "0001-readings.sql",
        "0002-refresh-lease.sql",
        "0003-pending.sql",
        "0004-refresh-progress.sql",
        "0005-list-indexes.sql",
    ]
    assert said == [f"Migrations run: {', '.join(files)}.", "The schema is up to date."]
    assert (first.returncode, second.returncode) == (0, 0)


def test_serve_migrates_and_serves(feeds: Feeds, database_url: str, start: Callable[..., Any]) -> None:
    running = start(
        "balances", "serve", DATABASE_URL=database_url, FEEDS=feeds_setting(demo=str(feeds.sample))
    )
    assert httpx.get(f"{running.url}/health/ready").json()["status"] == "ready"
    assert httpx.post(f"{running.url}/balances/v1/refresh").json()["total"] == "18377.16"
    assert httpx.get(f"{running.url}/balances/v1/balances/total").json()["total"] == "18377.16"
    assert all(json.loads(line)["service"] == "balances" for line in running.output())
    assert running.process.returncode == 0
