"""The processor: a slow channel delays no other, only real failures count, and each outcome is recorded at once."""

import asyncio
import itertools
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from prometheus_client import CollectorRegistry
from tests.inventory.notifications import previous_release
from tests.inventory.notifications.queues import (
    FILL,
    STATE,
    Hanging,
    Paper,
    processing,
    until,
    with_queue,
)

from inventory.notifications import queue as notification_queue
from inventory.notifications import slots
from inventory.notifications.queue import ChannelBroken, Claimed, NotificationQueue

Sql = Callable[..., list[tuple[Any, ...]]]

PENDING = "select count(*) from notification where state = 'pending'"


@pytest.fixture
def two_events(sql: Sql) -> None:
    sql(FILL, 2, "log")


@pytest.fixture
def two_channels(own_url: str) -> Sql:
    """Ad-hoc SQL on a database of the test's own, where notifications may also go by `slow` and by `fast`."""

    def run(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(own_url, autocommit=True, options="-c search_path=inventory") as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    run("alter table notification drop constraint notification_channel")
    return run


def process_until(url: str, channel: Paper, sql: Sql, expected: list[tuple[Any, ...]]) -> None:
    """Let a processor work until the notifications are as expected."""

    async def work(queue: NotificationQueue) -> None:
        async with processing(queue, {"log": channel}):
            await until(lambda: sql("select state, attempts from notification order by id") == expected)

    with_queue(url, work)


@pytest.mark.usefixtures("two_events")
def test_a_failed_delivery_is_retried_and_its_reason_stored(url: str, sql: Sql) -> None:
    paper = Paper(failures=1)
    process_until(url, paper, sql, [("pending", 1), ("delivered", 1)])
    ((error, due),) = sql("select last_error, due_at - now() from notification where id = 1")
    assert error == ("OSError: No paper\\ud800" + "!" * 2000)[:1000]
    assert due <= timedelta(seconds=2)
    sql("update notification set due_at = now() where id = 1")
    process_until(url, paper, sql, [("delivered", 2), ("delivered", 1)])
    assert paper.told == ["Event 2", "Event 1"]
    assert sql(STATE)[0] == ("delivered", 2, None)


def test_due_notifications_are_delivered_in_the_order_of_their_ids(url: str, sql: Sql) -> None:
    sql(FILL, 200, "log")
    paper = Paper()
    process_until(url, paper, sql, [("delivered", 1)] * 200)
    assert paper.told == [f"Event {number}" for number in range(1, 201)]


def test_a_channel_that_hangs_delays_no_other_and_only_real_failures_count(
    own_url: str, two_channels: Sql
) -> None:
    two_channels(FILL, 1000, "slow")
    two_channels(FILL, 1000, "fast")
    slow, fast = Hanging(), Paper()

    async def work(queue: NotificationQueue) -> float:
        async with processing(queue, {"slow": slow, "fast": fast}, lease_seconds=1):
            start = time.monotonic()
            left = "select count(*) from notification where state = 'pending' and channel = 'fast'"
            await until(lambda: two_channels(left) == [(0,)])
            seconds = time.monotonic() - start
            await until(lambda: two_channels("select 1 from notification where failures > 0"))
            return seconds

    assert with_queue(own_url, work, lease_seconds=1) < 10
    assert sorted(fast.told) == sorted(f"Event {number}" for number in range(1, 1001))
    states = "select channel, state, count(*) from notification group by 1, 2 order by 1"
    assert two_channels(states) == [("fast", "delivered", 1000), ("slow", "pending", 1000)]
    failures: dict[int, int] = dict(
        two_channels("select id, failures from notification where channel = 'slow'")
    )
    assert {ident: count for ident, count in failures.items() if count} == dict(slow.tries)


def test_a_notification_is_dead_only_after_eight_real_failures(own_url: str, two_channels: Sql) -> None:
    two_channels(FILL, 20, "slow")
    channel = Hanging()

    async def work(queue: NotificationQueue) -> None:
        async with (
            processing(queue, {"slow": channel}, concurrency=5, lease_seconds=0.4),
            processing(queue, {"slow": channel}, concurrency=5, lease_seconds=0.4),
        ):
            while two_channels(PENDING) != [(0,)]:
                two_channels(
                    "update notification set due_at = now() where state = 'pending' and lease is null"
                )
                await asyncio.sleep(0.1)

    with_queue(own_url, work, lease_seconds=0.4)
    assert two_channels("select state, attempts, count(*) from notification group by 1, 2") == [
        ("dead", 8, 20)
    ]
    assert all(tries >= 8 for tries in channel.tries.values())
    assert two_channels("select distinct last_error from notification") == [
        ("The delivery did not end within 0.2 s",)
    ]


@pytest.mark.usefixtures("two_events")
def test_an_outcome_is_recorded_while_another_delivery_runs(url: str, sql: Sql) -> None:
    class FirstHangs(Paper):
        async def deliver(self, notification: Claimed) -> None:
            if notification.id == 1:
                await asyncio.sleep(3600)
            await super().deliver(notification)

    async def work(queue: NotificationQueue) -> None:
        async with processing(queue, {"log": FirstHangs()}, lease_seconds=4):
            await until(lambda: sql(STATE)[1] == ("delivered", 1, None))
            assert sql(STATE)[0] == ("pending", 0, None)

    with_queue(url, work, lease_seconds=4)


@pytest.mark.usefixtures("two_events")
def test_a_delivery_that_starts_too_late_is_not_a_failure(url: str, sql: Sql) -> None:
    class StandsStill(Paper):
        async def deliver(self, notification: Claimed) -> None:
            if not self.told:
                time.sleep(0.8)  # noqa: ASYNC251  the whole process stands still, as under SIGSTOP
            await super().deliver(notification)

    channel, registry = StandsStill(), CollectorRegistry()

    async def work(queue: NotificationQueue) -> None:
        async with processing(queue, {"log": channel}, lease_seconds=1, registry=registry):
            await until(lambda: sql(PENDING) == [(0,)])

    with_queue(url, work, lease_seconds=1)
    assert sql(STATE) == [("delivered", 1, None)] * 2
    assert registry.get_sample_value("inventory_deliveries_total", {"outcome": "failed"}) == 0


def test_a_broken_channel_is_retried_until_it_works_and_no_failure_counts(
    url: str, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "LONGEST_CHANNEL_PAUSE", 0.02)
    sql(FILL, 20, "log")

    class Broken(Paper):
        async def deliver(self, notification: Claimed) -> None:
            if self.tries.total() < 60:
                self.tries[notification.id] += 1
                raise ChannelBroken("standard output: No space left on device")
            await super().deliver(notification)

    channel, registry = Broken(), CollectorRegistry()

    async def work(queue: NotificationQueue) -> None:
        async with processing(queue, {"log": channel}, registry=registry) as processor:
            await until(lambda: channel.tries.total() > 20)
            beat = processor.heartbeats[1]
            silence = beat.silence
            await until(lambda: channel.tries.total() > 40)
            assert beat.silence > silence
            await until(lambda: sql(PENDING) == [(0,)])
            await until(lambda: beat.silence < 1)

    with_queue(url, work)
    assert sql("select state, attempts, count(*) from notification group by 1, 2") == [("delivered", 1, 20)]
    assert registry.get_sample_value("inventory_deliveries_total", {"outcome": "deferred"}) == 60


def test_stop_finishes_held_notifications_and_claims_no_more(url: str, sql: Sql) -> None:
    sql(FILL, 30, "log")

    class Slow(Paper):
        async def deliver(self, notification: Claimed) -> None:
            await asyncio.sleep(0.3)
            await super().deliver(notification)

    slow = Slow()

    async def work(queue: NotificationQueue) -> None:
        async with processing(queue, {"log": slow}, concurrency=3):
            await until(lambda: sql("select 1 from notification where lease is not null"))

    with_queue(url, work)
    assert len(slow.told) == 3
    assert sql("select state, count(*) from notification group by 1 order by 1") == [
        ("delivered", 3),
        ("pending", 27),
    ]


def test_stopping_waits_without_using_the_cpu(url: str, sql: Sql) -> None:
    sql(FILL, 1, "log")

    class Slow(Paper):
        async def deliver(self, notification: Claimed) -> None:
            await asyncio.sleep(2)
            await super().deliver(notification)

    async def work(queue: NotificationQueue) -> float:
        async with processing(queue, {"log": Slow()}) as processor:
            await until(lambda: sql("select 1 from notification where lease is not null"))
            before = time.process_time()
            await processor.stop(20)
            return time.process_time() - before

    assert with_queue(url, work) < 1
    assert sql(STATE) == [("delivered", 1, None)]


class PreviousRelease:
    """A worker of the release before: slow, late, and every third batch it dies with what it has claimed."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.told: list[str] = []

    async def run(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            self.url, autocommit=True, options="-c search_path=inventory"
        ) as connection:
            for batch in itertools.count():
                parameters = {"batch": 5, "lease_seconds": 0.2}
                rows = await (
                    await connection.execute(previous_release.CLAIM.encode(), parameters)
                ).fetchall()
                await asyncio.sleep(0.05 if batch % 2 else 0.3)
                if batch % 3:
                    self.told += [row[3] for row in rows]
                    ids, attempts, leases, _ = (
                        map(list, zip(*rows, strict=True)) if rows else ([], [], [], [])
                    )
                    outcome = {
                        "ids": ids,
                        "attempts": attempts,
                        "leases": leases,
                        "errors": [None] * len(rows),
                    }
                    await connection.execute(previous_release.FINISH.encode(), outcome)


def test_workers_of_two_releases_together_lose_nothing_and_count_no_false_failure(
    url: str, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notification_queue, "FIRST_RETRY_PAUSE", 0.01)
    sql(FILL, 300, "log")

    class FailsThrice(Paper):
        async def deliver(self, notification: Claimed) -> None:
            self.failures = 1 if self.tries[notification.id] < 3 else 0
            await asyncio.sleep(0.01 if notification.id % 7 else 0.15)
            await super().deliver(notification)

    channel, registry = FailsThrice(), CollectorRegistry()

    async def work(queue: NotificationQueue) -> list[str]:
        old = [PreviousRelease(url) for _ in range(2)]
        running = [asyncio.create_task(one.run()) for one in old]
        async with processing(queue, {"log": channel}, concurrency=3, lease_seconds=0.4, registry=registry):
            await until(lambda: sql(PENDING) == [(0,)], 60)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        return [text for one in old for text in one.told]

    by_old = with_queue(url, work, lease_seconds=0.4)
    assert sql("select state, count(*) from notification group by 1") == [("delivered", 300)]
    assert {*by_old, *channel.told} == {f"Event {number}" for number in range(1, 301)}
    assert by_old
    assert channel.told
