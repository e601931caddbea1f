"""The demo lab is in the database beside the example data, and looks like the data of a real lab."""

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from tests.support.databases import NewDatabase, creating_databases

from chassis.database.migrations import migrate
from inventory.example_data import seed
from local.demo_lab.insertion import insert

Sql = Callable[[str], list[tuple[Any, ...]]]

LOCALLY_ADMINISTERED, GROUP = 2, 1
"""Bits of the first byte of a MAC address (IEEE 802)."""


def with_example_data(url: str) -> Sql:
    """Insert the example data into an empty database; the function runs a statement there."""
    asyncio.run(migrate(url, "inventory", "inventory"))
    asyncio.run(seed(url))

    def run(statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(url) as connection:
            return connection.execute(statement.encode()).fetchall()

    return run


def with_demo_lab(url: str, time_zone: str = "Europe/Amsterdam") -> Sql:
    run = with_example_data(url)
    asyncio.run(insert(url, time_zone))
    return run


@pytest.fixture(scope="module")
def sql(postgres: str) -> Iterator[Sql]:
    """Runs a statement in a database with the demo lab, which no test changes."""
    with creating_databases(postgres, postgres) as create:
        yield with_demo_lab(create())


def test_the_example_data_stays_as_it_is(sql: Sql, new_database: NewDatabase) -> None:
    example = with_example_data(new_database())
    for columns, table in (
        ("id, name, contact, address, state_or_region, country, postcode_or_zip", "site"),
        ("id, name, site_id", "freezer"),
        ("id, name, mac, site_id", "computer"),
        ("id, uuid, description, freezer_id", "container"),
        ("id, username, email, active", "account"),
    ):
        rows = example(f"select {columns} from inventory.{table} order by id")
        assert sql(f"select {columns} from inventory.{table} order by id limit {len(rows)}") == rows


def test_two_more_sites_have_full_addresses_in_two_countries(sql: Sql) -> None:
    rows = sql(
        "select contact, address, state_or_region, postcode_or_zip, country from inventory.site where id > 3"
    )
    assert len(rows) == 2
    assert all(all(row) for row in rows)
    assert len({country for *_, country in rows}) == 2


def test_every_freezer_of_the_demo_lab_has_containers(sql: Sql) -> None:
    counts = sql(
        "select freezer.name, count(container.id) from inventory.freezer"
        " left join inventory.container on container.freezer_id = freezer.id where freezer.id > 2 group by freezer.id"
    )
    assert len(counts) == 8
    assert min(count for _, count in counts) >= 20
    assert 300 <= sum(count for _, count in counts) <= 400


def test_the_descriptions_have_the_characters_and_lengths_of_a_real_lab(sql: Sql) -> None:
    descriptions = [text for (text,) in sql("select description from inventory.container")]
    everything = "".join(descriptions)
    assert [word for word in ("µL", "°C", "β", "Δ", "₂", "⁶", "♀", "培") if word not in everything] == []
    assert descriptions.count("") == 1
    assert len([text for text in descriptions if len(text) > 400]) >= 4


def test_mac_addresses_are_locally_administered_and_of_one_device(sql: Sql) -> None:
    macs = [mac for (mac,) in sql("select mac from inventory.computer where id > 2 and mac is not null")]
    assert len(macs) >= 8
    assert {int(mac[:2], 16) & (LOCALLY_ADMINISTERED | GROUP) for mac in macs} == {LOCALLY_ADMINISTERED}


def test_a_dozen_people_have_accounts_and_two_are_inactive(sql: Sql) -> None:
    assert sql(
        "select count(*) filter (where active) >= 12, count(*) filter (where not active) from inventory.account"
    ) == [(True, 2)]


def test_every_event_is_for_somebody_with_an_account_that_is_active(sql: Sql) -> None:
    assert (
        sql(
            "select user_id from inventory.event"
            " where user_id not in (select username from inventory.account where active)"
        )
        == []
    )


def test_the_events_are_of_the_last_week_in_the_order_of_their_times(sql: Sql) -> None:
    times = [time for (time,) in sql("select created_at from inventory.event order by number")]
    assert len(times) >= 60
    assert times == sorted(times)
    now = dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=6) < now - times[0] < dt.timedelta(days=7, hours=6)
    assert dt.timedelta() < now - times[-1] < dt.timedelta(hours=1)


def test_work_is_recorded_on_working_days_in_the_zone_of_the_lab(new_database: NewDatabase) -> None:
    sql = with_demo_lab(new_database(), "Asia/Tokyo")
    times = sql(
        "select extract(isodow from time)::integer, extract(hour from time)::integer"
        " from (select created_at at time zone 'Asia/Tokyo' as time from inventory.event"
        " where description like 'Delivery arrived%') as delivery"
    )
    assert len(times) >= 4
    assert all(day <= 5 and 8 <= hour <= 17 for day, hour in times)


def test_nothing_is_later_than_now(sql: Sql) -> None:
    for table, column in (
        ("container", "created_at"),
        ("account", "created_at"),
        ("computer", "created_at"),
        ("event", "created_at"),
        ("notification", "queued_at"),
        ("notification", "scheduled_at"),
        ("notification", "finished_at"),
    ):
        assert sql(f"select {column} from inventory.{table} where {column} > now()") == []


def test_a_container_was_not_created_before_its_freezer(sql: Sql) -> None:
    assert (
        sql(
            "select container.id from inventory.container join inventory.freezer on freezer.id = freezer_id"
            " where container.created_at < freezer.created_at"
        )
        == []
    )


def test_each_event_has_a_notification_that_agrees_with_it(sql: Sql) -> None:
    assert sql(
        "select count(*) from inventory.event left join inventory.notification"
        " on event_id = event.id and event_number = number and queued_at = created_at where notification.id is null"
    ) == [(0,)]


def test_nearly_all_events_are_processed(sql: Sql) -> None:
    found: dict[str, int] = dict(sql("select state, count(*) from inventory.notification group by state"))
    assert found.pop("delivered") >= 60
    assert found == {"dead": 1, "cancelled": 1, "pending": 2}


def test_a_notification_of_the_demo_lab_looks_as_a_worker_leaves_it(sql: Sql) -> None:
    assert set(
        sql(
            "select state, attempts - failures, last_error is not null, finished_at is not null, lease is not null"
            " from inventory.notification where state <> 'pending'"
        )
    ) == {
        ("delivered", 1, False, True, False),
        ("dead", 0, True, True, False),
        ("cancelled", 0, True, True, False),
    }


def test_one_notification_waits_for_its_next_attempt(sql: Sql) -> None:
    ((attempts, error, seconds),) = sql(
        "select attempts, last_error, extract(epoch from due_at - scheduled_at)"
        " from inventory.notification where state = 'pending' and attempts > 0"
    )
    assert error
    assert 0 < seconds <= 2 * 2 ** (attempts - 1)  # the longest pause after so many failures


def test_every_demo_lab_has_the_same_rows(sql: Sql, new_database: NewDatabase) -> None:
    other = with_demo_lab(new_database())
    for columns, table in (
        ("id, uuid, description, freezer_id", "container where id > 3"),
        ("id, user_id, description", "event"),
    ):
        statement = f"select {columns} from inventory.{table} order by id"
        assert sql(statement) == other(statement)
