"""The queue seen from a worker: leases, failures, and what a late worker may still change."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from prometheus_client import CollectorRegistry

from chassis.database import Database
from inventory.app import SCHEMA, InventorySettings
from inventory.notification_queue import MOST_ATTEMPTS, Claimed, NotificationQueue
from inventory.processor import Processor
from inventory.violations import VIOLATIONS

Sql = Callable[..., list[tuple[Any, ...]]]
T = TypeVar("T")

STATE = "select state, attempts, last_error from notification order by id"


@pytest.fixture
def two_events(sql: Sql) -> None:
    for description in ("first", "second"):
        sql(
            "with new as (insert into event (user_id, description) values ('ada', %s) returning id)"
            " insert into notification (event_id, channel) select id, 'log' from new",
            description,
        )


def with_queue(url: str, work: Callable[[NotificationQueue], Awaitable[T]], lease_seconds: float = 30) -> T:
    """Run `work` with a queue on a database."""

    async def run() -> T:
        async with Database(InventorySettings(database_url=url), SCHEMA, VIOLATIONS).opened() as database:
            return await work(NotificationQueue(database, 10, lease_seconds))

    return asyncio.run(run())


class Paper:
    """A channel that keeps what it is told, and fails as often as it should."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.told: list[str] = []

    async def deliver(self, notification: Claimed) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("No paper\0" + "!" * 2000)
        self.told.append(notification.description)


def process_once(url: str, channel: Paper, sql: Sql, until: list[tuple[Any, ...]]) -> None:
    """Let a processor work until the notifications are as expected."""

    async def work(queue: NotificationQueue) -> None:
        await process(
            queue, channel, lambda: sql("select state, attempts from notification order by id") == until
        )

    with_queue(url, work)


async def process(
    queue: NotificationQueue, channel: Paper, done: Callable[[], bool], lease_seconds: float = 30
) -> None:
    """Let a processor work until `done`."""
    registry = CollectorRegistry()
    processor = Processor(
        queue, {"log": channel}, poll_seconds=0.02, lease_seconds=lease_seconds, registry=registry
    )
    running = asyncio.create_task(processor.run())
    async with asyncio.timeout(10):
        while not done():  # noqa: ASYNC110  what is waited for is in the database
            await asyncio.sleep(0.01)
    processor.stop()
    await running


@pytest.mark.usefixtures("two_events")
def test_what_is_claimed_is_not_claimed_again_before_its_lease_ends(url: str, sql: Sql) -> None:
    async def work(queue: NotificationQueue) -> tuple[list[Claimed], list[Claimed], list[Claimed]]:
        first, second = await queue.claim(), await queue.claim()
        sql("update notification set due_at = now() where id = 1")  # as if time had passed
        return first, second, await queue.claim()

    first, second, third = with_queue(url, work)
    assert [(one.description, one.attempts) for one in first] == [("first", 1), ("second", 1)]
    assert second == []
    assert [(one.description, one.attempts) for one in third] == [("first", 2)]


@pytest.mark.usefixtures("two_events")
def test_a_late_worker_changes_nothing(url: str, sql: Sql) -> None:
    async def work(queue: NotificationQueue) -> list[str]:
        late = await queue.claim()
        sql("update notification set due_at = now()")
        await queue.claim()
        return await queue.finish([(one, None) for one in late])

    assert with_queue(url, work) == []
    assert sql(STATE) == [("pending", 2, None)] * 2


@pytest.mark.usefixtures("two_events")
def test_recording_twice_does_no_harm(url: str, sql: Sql) -> None:
    async def work(queue: NotificationQueue) -> tuple[list[str], list[str]]:
        outcomes = [(one, None) for one in await queue.claim()]
        return await queue.finish(outcomes), await queue.finish(outcomes)

    assert with_queue(url, work) == (["delivered"] * 2, [])
    assert sql(STATE) == [("delivered", 1, None)] * 2


@pytest.mark.usefixtures("two_events")
def test_what_was_closed_by_hand_meanwhile_stays_closed(url: str, sql: Sql) -> None:
    async def work(queue: NotificationQueue) -> list[str]:
        claimed = await queue.claim()
        sql("update notification set state = 'cancelled', finished_at = now()")
        return await queue.finish([(one, "No paper") for one in claimed])

    assert with_queue(url, work) == []
    assert sql(STATE) == [("cancelled", 1, None)] * 2


@pytest.mark.usefixtures("two_events")
def test_a_lease_of_before_a_replay_is_worth_nothing_after_it(url: str, sql: Sql) -> None:
    async def work(queue: NotificationQueue) -> list[str]:
        late = await queue.claim()
        sql("update notification set attempts = 0, due_at = now()")
        await queue.claim()  # the first attempt once more
        return await queue.finish([(one, "No paper") for one in late])

    assert with_queue(url, work) == []


@pytest.mark.usefixtures("two_events")
def test_a_failed_delivery_is_tried_again_and_says_why(url: str, sql: Sql) -> None:
    paper = Paper(failures=1)
    process_once(url, paper, sql, [("pending", 1), ("delivered", 1)])
    ((error, due),) = sql("select last_error, due_at - now() from notification where id = 1")
    assert error == ("OSError: No paper" + "!" * 2000)[:1000]
    assert due <= timedelta(seconds=2)
    sql("update notification set due_at = now() where id = 1")
    process_once(url, paper, sql, [("delivered", 2), ("delivered", 1)])
    assert paper.told == ["second", "first"]
    assert sql(STATE)[0] == ("delivered", 2, None)


@pytest.mark.usefixtures("two_events")
def test_the_pause_after_failures_grows_to_a_limit_and_is_random(url: str, sql: Sql) -> None:
    pauses: dict[int, list[float]] = {}

    async def work(queue: NotificationQueue) -> None:
        for attempts in (1, 3, 7, 40):
            for _ in range(20):
                sql(
                    "update notification set attempts = %s, state = 'pending', finished_at = null, due_at = now()",
                    min(attempts, MOST_ATTEMPTS - 1) - 1,
                )
                await queue.finish([(one, "No paper") for one in await queue.claim()])
                rows = sql("select extract(epoch from due_at - now())::float from notification")
                pauses.setdefault(attempts, []).extend(seconds for (seconds,) in rows)

    with_queue(url, work)
    for attempts, seconds in pauses.items():
        assert max(seconds) <= 2 * 2 ** (min(attempts, MOST_ATTEMPTS - 1) - 1)
        assert len(set(seconds)) > 30
    assert max(pauses[7]) > 2 * 2**2


@pytest.mark.usefixtures("two_events")
def test_the_eighth_failure_is_the_last(url: str, sql: Sql) -> None:
    sql("update notification set attempts = %s where id = 1", MOST_ATTEMPTS - 1)
    process_once(url, Paper(failures=1), sql, [("dead", 8), ("delivered", 1)])
    ((status, finished),) = sql(
        "select status, finished_at is not null from event_with_status e"
        " join notification n on n.event_id = e.id where n.id = 1"
    )
    assert (status, finished) == ("NotProcessed", True)


@pytest.mark.usefixtures("two_events")
def test_dying_with_it_in_hand_never_kills_a_notification(url: str, sql: Sql) -> None:
    sql("update notification set attempts = 50 where id = 1")
    paper = Paper()
    process_once(url, paper, sql, [("delivered", 51), ("delivered", 1)])
    assert paper.told == ["first", "second"]


@pytest.mark.usefixtures("two_events")
def test_what_is_not_begun_when_the_lease_ends_is_left_to_others(url: str, sql: Sql) -> None:
    class Slow(Paper):
        async def deliver(self, notification: Claimed) -> None:
            await super().deliver(notification)
            await asyncio.sleep(0.3)

    slow = Slow()

    async def work(queue: NotificationQueue) -> None:
        await process(queue, slow, lambda: sql(STATE)[0][0] == "delivered", lease_seconds=0.2)

    with_queue(url, work, lease_seconds=30)
    assert slow.told == ["first"]
    assert sql(STATE) == [("delivered", 1, None), ("pending", 1, None)]


def test_expired_idempotency_keys_are_pruned(url: str, sql: Sql) -> None:
    for key, age in (("old", "25 hours"), ("new", "23 hours")):
        sql(
            "insert into idempotency_key (route, key, digest, created_at) values ('/', %s, '', now() - %s::interval)",
            key,
            age,
        )
    with_queue(url, lambda queue: queue.prune())
    assert sql("select key from idempotency_key") == [("new",)]
