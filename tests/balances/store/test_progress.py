"""How far a refresh has come, in whichever process it runs; and refreshes that nobody waits for."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import pytest
from starlette.testclient import TestClient
from tests.balances.answers import problem, until
from tests.balances.feed_server import Feeds

Service = Callable[..., TestClient]
Sql = Callable[..., list[tuple[Any, ...]]]


class Halted(NamedTuple):
    """A server with the sample feed, which responds to the requests for pages after the second once `go` is set."""

    url: str
    go: threading.Event


@pytest.fixture
def halted(feeds: Feeds) -> Iterator[Halted]:
    """See `Halted`."""
    go = threading.Event()
    server = feeds.serve(lambda page, n: feeds.sample_script(page, n)._replace(hold=go if page > 2 else None))
    yield Halted(server.url, go)
    go.set()


def state_of(client: TestClient, feed: str = "demo") -> dict[str, Any]:
    """The state of a feed."""
    (state,) = (one for one in client.get("/v1/feeds").json()["items"] if one["feed"] == feed)
    return dict(state)


def finish(client: TestClient, halted: Halted, feed: str = "demo") -> None:
    """Let the refresh of a feed end."""
    halted.go.set()
    until(lambda: state_of(client, feed)["current_refresh"] is None)


def test_the_progress_of_a_refresh_is_shown_while_it_is_under_way(service: Service, halted: Halted) -> None:
    client = service(demo=halted.url)
    assert state_of(client)["current_refresh"] is None
    client.post("/v1/feeds/demo:refresh")
    until(lambda: state_of(client)["current_refresh"]["pages"] == 2)
    current = state_of(client)["current_refresh"]
    assert (current["rows"], current["expected_rows"]) == (20, 38)
    assert (
        timedelta(0)
        <= datetime.now(UTC) - datetime.fromisoformat(current["started_at"])
        < timedelta(minutes=1)
    )
    finish(client, halted)
    assert state_of(client)["reading"]["proof"]["rows"] == 38


def test_the_progress_of_another_process_is_shown(
    service: Service, start: Callable[..., Any], url: str, halted: Halted
) -> None:
    other = start("balances", "serve", DATABASE_URL=url, FEEDS=json.dumps({"demo": {"url": halted.url}}))
    httpx.post(f"{other.url}/v1/feeds/demo:refresh").raise_for_status()
    client = service(demo=halted.url)
    until(lambda: (state_of(client)["current_refresh"] or {}).get("pages") == 2)
    assert state_of(client)["current_refresh"]["expected_rows"] == 38
    finish(client, halted)


def test_a_refresh_begins_without_the_progress_of_the_one_before(
    service: Service, feeds: Feeds, halted: Halted, sql: Sql
) -> None:
    client = service(demo=str(feeds.sample))
    client.post("/v1/refresh").raise_for_status()
    assert sql("select pages, rows, expected_rows from refresh_lease") == [(0, 0, None)]
    sql(
        "update refresh_lease set pages = 9, rows = 9, expected_rows = 9"
    )  # as if the process had been killed
    held = feeds.serve(lambda page, n: feeds.sample_script(page, n)._replace(hold=halted.go))
    again = service(demo=held.url)
    current = again.post("/v1/feeds/demo:refresh").json()["current_refresh"]
    assert (current["pages"], current["rows"], current["expected_rows"]) == (0, 0, None)
    finish(again, halted)


def test_a_lease_that_has_expired_is_no_refresh_under_way(service: Service, feeds: Feeds, sql: Sql) -> None:
    client = service(demo=str(feeds.sample))
    sql("insert into refresh_lease values ('demo', gen_random_uuid(), now() - interval '1 min', now())")
    assert state_of(client)["current_refresh"] is None
    sql("update refresh_lease set expires_at = now() + interval '1 min'")
    assert state_of(client)["current_refresh"]["pages"] == 0


# Refreshes that nobody waits for


def test_a_refresh_is_started_without_waiting_for_its_end(service: Service, halted: Halted) -> None:
    client = service(demo=halted.url)
    answer = client.post("/v1/feeds/demo:refresh")
    assert answer.status_code == 202
    assert answer.json()["current_refresh"]["started_at"] == state_of(client)["current_refresh"]["started_at"]
    assert answer.json()["reading"] is None
    finish(client, halted)
    assert client.get("/v1/balances/total").json()["total"] == "18377.16"
    assert state_of(client)["last_refresh"]["outcome"] == "complete"


@pytest.mark.parametrize("path", ["/v1/feeds/demo:refresh", "/v1/refresh"])
def test_a_feed_that_is_being_read_is_not_read_again(service: Service, halted: Halted, path: str) -> None:
    client = service(demo=halted.url)
    assert client.post("/v1/feeds/demo:refresh").status_code == 202
    refused = client.post(path)
    assert "a refresh is under way" in problem(refused, 409)
    assert int(refused.headers["retry-after"]) > 0
    finish(client, halted)


def test_the_interval_applies_to_refreshes_that_nobody_waits_for(service: Service, feeds: Feeds) -> None:
    client = service(demo={"url": str(feeds.sample), "min_interval": 60})
    assert client.post("/v1/feeds/demo:refresh").status_code == 202
    until(lambda: state_of(client)["last_refresh"] is not None)
    refused = client.post("/v1/feeds/demo:refresh")
    assert "less than 60 s ago" in problem(refused, 429)
    assert 50 <= int(refused.headers["retry-after"]) <= 60


def test_the_error_of_a_refresh_that_nobody_waits_for_is_recorded_and_logged(
    service: Service, feeds: Feeds, capsys: pytest.CaptureFixture[str]
) -> None:
    client = service(demo=feeds.serve(lambda *_: feeds.reply(500)).url)
    assert client.post("/v1/feeds/demo:refresh").status_code == 202
    until(lambda: state_of(client)["last_refresh"] is not None)
    last = state_of(client)["last_refresh"]
    detail = "feed demo, page 1: HTTP status 500, where 200 or 404 is expected"
    assert last["outcome"] == "invalid"
    assert detail in last["detail"]
    logged = capsys.readouterr().out
    assert "Refresh failed" in logged
    assert detail in logged


def test_an_unknown_feed_cannot_be_refreshed(service: Service, feeds: Feeds) -> None:
    client = service(demo=str(feeds.sample))
    assert "There is no feed 'other'" in problem(client.post("/v1/feeds/other:refresh"), 404)


def test_a_refresh_that_waits_for_its_turn_holds_its_lease(
    service: Service, feeds: Feeds, halted: Halted, sql: Sql
) -> None:
    client = service(one=halted.url, two=halted.url, three=str(feeds.sample))
    for name in ("one", "two", "three"):
        assert client.post(f"/v1/feeds/{name}:refresh").status_code == 202
    assert sql("select count(*) from refresh_lease where expires_at > now()") == [(3,)]
    assert state_of(client, "three")["current_refresh"]["pages"] == 0
    for name in ("one", "two", "three"):
        finish(client, halted, name)
    assert state_of(client, "three")["reading"] is not None


def test_a_server_that_stops_gives_back_the_leases_of_refreshes_that_nobody_waits_for(
    start: Callable[..., Any], url: str, feeds: Feeds, halted: Halted, sql: Sql
) -> None:
    named = {"one": halted.url, "two": halted.url, "waits": str(feeds.sample)}
    running = start(
        "balances",
        "serve",
        DATABASE_URL=url,
        FEEDS=json.dumps({name: {"url": one} for name, one in named.items()}),
    )
    for name in named:
        assert httpx.post(f"{running.url}/v1/feeds/{name}:refresh").status_code == 202
    running.output()
    assert sql("select count(*), count(*) filter (where expires_at > now()) from refresh_lease") == [(3, 0)]
