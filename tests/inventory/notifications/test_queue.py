"""The queue: leases, failures, and what a worker may still record after its lease has ended."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient
from tests.inventory.notifications import previous_release
from tests.inventory.notifications.queues import FILL, STATE, delivered, failed, with_queue

from inventory.notifications.queue import MOST_ATTEMPTS, QUEUE, Claimed, NotificationQueue, Outcome

Sql = Callable[..., list[tuple[Any, ...]]]

LOG = {"log": 10}
TEXTS = "select description from event order by number"


@pytest.fixture
def two_events(sql: Sql) -> list[str]:
    """The ids of two events."""
    sql(FILL, 2, "log")
    return [str(ident) for (ident,) in sql("select id from event order by number")]


@pytest.mark.usefixtures("two_events")
def test_a_notification_is_not_claimed_again_before_its_lease_ends(url: str, sql: Sql) -> None:
    async def work(queue: NotificationQueue) -> tuple[list[Claimed], list[Claimed], list[Claimed]]:
        first, second = await queue.claim(LOG), await queue.claim(LOG)
        sql("update notification set due_at = now() where id = 1")  # as if time had passed
        return first, second, await queue.claim(LOG)

    first, second, third = with_queue(url, work)
    assert [(one.description, one.attempt) for one in first] == [("Event 1", 1), ("Event 2", 1)]
    assert second == []
    assert [(one.description, one.attempt) for one in third] == [("Event 1", 1)]


@pytest.mark.usefixtures("two_events")
def test_a_worker_does_not_claim_what_it_still_holds(url: str, sql: Sql) -> None:
    async def work(queue: NotificationQueue) -> list[Claimed]:
        claimed = await queue.claim(LOG)
        sql("update notification set due_at = now()")
        return await queue.claim(LOG, held=[claimed[0].id])

    assert [one.description for one in with_queue(url, work)] == ["Event 2"]


def test_a_claim_takes_as_many_from_each_channel_as_it_has_slots(own_url: str) -> None:
    with psycopg.connect(own_url, autocommit=True, options="-c search_path=inventory") as connection:
        connection.execute("alter table notification drop constraint notification_channel")
        for channel in ("slow", "fast", "other"):
            connection.execute(FILL.encode(), [50, channel])
    claimed = with_queue(own_url, lambda queue: queue.claim({"slow": 2, "fast": 5}))
    assert [one.id for one in claimed] == [1, 2, 51, 52, 53, 54, 55]
    assert [one.channel for one in claimed] == ["slow"] * 2 + ["fast"] * 5


@pytest.mark.usefixtures("two_events")
def test_a_late_worker_changes_nothing(url: str, sql: Sql) -> None:
    async def work(queue: NotificationQueue) -> dict[int, str]:
        late = await queue.claim(LOG)
        sql("update notification set due_at = now()")
        await queue.claim(LOG)
        return await queue.finish(delivered(late))

    assert with_queue(url, work) == {}
    assert sql(STATE) == [("pending", 0, None)] * 2


@pytest.mark.usefixtures("two_events")
def test_recording_twice_does_no_harm(url: str, sql: Sql) -> None:
    async def work(queue: NotificationQueue) -> tuple[dict[int, str], dict[int, str]]:
        outcomes = delivered(await queue.claim(LOG))
        return await queue.finish(outcomes), await queue.finish(outcomes)

    assert with_queue(url, work) == ({1: "delivered", 2: "delivered"}, {})
    assert sql(STATE) == [("delivered", 1, None)] * 2


@pytest.mark.parametrize("outcomes", [delivered, failed])
def test_a_notification_cancelled_during_delivery_stays_cancelled(
    empty: TestClient,
    url: str,
    sql: Sql,
    two_events: list[str],
    outcomes: Callable[[list[Claimed]], list[Outcome]],
) -> None:
    async def work(queue: NotificationQueue) -> dict[int, str]:
        claimed = await queue.claim(LOG)
        for event in two_events:
            assert empty.put(f"/events/{event}", json={"status": "Processed"}).status_code == 200
        return await queue.finish(outcomes(claimed))

    assert with_queue(url, work) == {}
    assert sql(STATE) == [("cancelled", 0, None)] * 2


@pytest.mark.parametrize("outcomes", [delivered, failed])
def test_queueing_again_ends_the_lease_and_the_new_text_is_delivered(
    empty: TestClient,
    url: str,
    sql: Sql,
    two_events: list[str],
    outcomes: Callable[[list[Claimed]], list[Outcome]],
) -> None:
    async def work(queue: NotificationQueue) -> tuple[dict[int, str], list[Claimed]]:
        late = await queue.claim(LOG)
        body = {"description": "It is cold again", "status": "NotProcessed"}
        assert empty.put(f"/events/{two_events[0]}", json=body).status_code == 200
        return await queue.finish(outcomes(late)), await queue.claim(LOG)

    recorded, again = with_queue(url, work)
    assert list(recorded) == [2]
    assert [(one.id, one.description, one.attempt) for one in again] == [(1, "It is cold again", 1)]
    assert sql(STATE)[0] == ("pending", 0, None)


def test_cancelling_and_queueing_again_during_delivery_delivers_it_again(
    empty: TestClient, url: str, two_events: list[str]
) -> None:
    async def work(queue: NotificationQueue) -> tuple[dict[int, str], list[Claimed]]:
        late = await queue.claim(LOG)
        for status in ("Processed", "NotProcessed"):
            empty.put(f"/events/{two_events[0]}", json={"status": status})
        return await queue.finish(delivered(late)), await queue.claim(LOG)

    recorded, again = with_queue(url, work)
    assert (list(recorded), [one.id for one in again]) == ([2], [1])


@pytest.mark.usefixtures("two_events")
def test_a_replay_ends_the_lease_from_before(empty: TestClient, url: str, sql: Sql) -> None:
    async def work(queue: NotificationQueue) -> dict[int, str]:
        late = await queue.claim(LOG)
        sql("update notification set due_at = now()")
        await queue.finish(delivered(await queue.claim(LOG)))
        assert empty.post("/v1/notifications/1:replay").status_code == 200
        return await queue.finish(failed(late))

    assert with_queue(url, work) == {}
    assert sql(STATE) == [("pending", 0, None), ("delivered", 1, None)]


def test_a_change_of_text_ends_no_lease_and_the_text_that_was_read_is_delivered(
    empty: TestClient, url: str, sql: Sql, two_events: list[str]
) -> None:
    async def work(queue: NotificationQueue) -> dict[int, str]:
        claimed = await queue.claim(LOG)
        empty.put(f"/events/{two_events[0]}", json={"description": "It is cold again"})
        return await queue.finish(delivered(claimed))

    assert with_queue(url, work) == {1: "delivered", 2: "delivered"}
    assert sql(TEXTS) == [("It is cold again",), ("Event 2",)]


def test_queueing_a_pending_notification_again_keeps_its_age(
    empty: TestClient, sql: Sql, two_events: list[str]
) -> None:
    sql("update notification set queued_at = now() - interval '1 hour'")
    sql("update notification set state = 'delivered', finished_at = now() where id = 2")
    for event in two_events:
        empty.put(f"/events/{event}", json={"status": "NotProcessed"})
    assert sql("select queued_at < now() - interval '30 minutes' from notification order by id") == [
        (True,),
        (False,),
    ]


@pytest.mark.usefixtures("two_events")
def test_the_pause_after_failures_grows_to_a_limit_and_is_random(url: str, sql: Sql) -> None:
    pauses: dict[int, list[float]] = {}

    async def work(queue: NotificationQueue) -> None:
        for attempt in (1, 3, 7):
            for _ in range(20):
                sql(
                    "update notification set attempts = %s, failures = %s, due_at = now()",
                    attempt - 1,
                    attempt - 1,
                )
                await queue.finish(failed(await queue.claim(LOG)))
                rows = sql("select extract(epoch from due_at - now())::float from notification")
                pauses.setdefault(attempt, []).extend(seconds for (seconds,) in rows)

    with_queue(url, work)
    for attempt, seconds in pauses.items():
        assert max(seconds) <= 2 * 2 ** (attempt - 1)
        assert len(set(seconds)) > 30
    assert max(pauses[7]) > 2 * 2**2


@pytest.mark.usefixtures("two_events")
def test_the_eighth_failure_is_the_last(url: str, sql: Sql) -> None:
    async def work(queue: NotificationQueue) -> list[dict[int, str]]:
        states = []
        for _ in range(MOST_ATTEMPTS):
            states.append(await queue.finish(failed(await queue.claim({"log": 1}))))
            sql("update notification set due_at = now() - interval '1 day' where id = 1")
        return states

    assert with_queue(url, work) == [{1: "pending"}] * 7 + [{1: "dead"}]
    assert sql(STATE) == [("dead", 8, "No paper"), ("pending", 0, None)]
    ((status, finished),) = sql(
        "select status, finished_at is not null from event_with_status e"
        " join notification n on n.event_id = e.id where n.id = 1"
    )
    assert (status, finished) == ("NotProcessed", True)


@pytest.mark.usefixtures("two_events")
def test_a_claim_without_an_outcome_is_not_a_failure(url: str, sql: Sql) -> None:
    async def work(queue: NotificationQueue) -> dict[int, str]:
        for _ in range(50):  # workers that died with it in hand
            await queue.claim(LOG)
            sql("update notification set due_at = now()")
        return await queue.finish(failed(await queue.claim(LOG)))

    assert with_queue(url, work) == {1: "pending", 2: "pending"}
    assert sql(STATE) == [("pending", 1, "No paper")] * 2


@pytest.mark.usefixtures("two_events")
def test_a_failure_that_does_not_count_leaves_the_notification_due_with_the_reason(
    url: str, sql: Sql
) -> None:
    sql("update notification set attempts = 7, failures = 7")

    async def work(queue: NotificationQueue) -> dict[int, str]:
        outcomes = [Outcome(one, "No standard output", counts=False) for one in await queue.claim(LOG)]
        return await queue.finish(outcomes)

    assert with_queue(url, work) == {1: "pending", 2: "pending"}
    assert (
        sql("select attempts, last_error, due_at <= now() from notification")
        == [(7, "No standard output", True)] * 2
    )


@pytest.mark.usefixtures("two_events")
def test_after_a_replay_it_fails_eight_times_again(empty: TestClient, url: str, sql: Sql) -> None:
    sql("update notification set state = 'dead', attempts = 8, failures = 8, finished_at = now()")
    assert empty.post("/v1/notifications/1:replay").status_code == 200
    sql(previous_release.REOPEN, sql("select event_id from notification where id = 2")[0][0])

    async def work(queue: NotificationQueue) -> dict[int, str]:
        return await queue.finish(failed(await queue.claim(LOG)))

    assert with_queue(url, work) == {1: "pending", 2: "pending"}
    assert sql("select attempts, failures from notification") == [(1, 1), (1, 1)]


def claim_as_before(sql: Sql) -> dict[str, Any]:
    """Let a worker of the release before claim; what it would record as delivered."""
    rows = sql(previous_release.CLAIM % {"batch": 10, "lease_seconds": 30})
    ids, attempts, leases, _ = map(list, zip(*rows, strict=True))
    return {"ids": ids, "attempts": attempts, "leases": leases, "errors": [None] * len(rows)}


@pytest.mark.usefixtures("two_events")
def test_claims_of_the_previous_release_are_not_failures(url: str, sql: Sql) -> None:
    for _ in range(20):  # each died with them in hand
        claim_as_before(sql)
        sql("update notification set due_at = now()")

    async def work(queue: NotificationQueue) -> dict[int, str]:
        return await queue.finish(failed(await queue.claim(LOG)))

    assert with_queue(url, work) == {1: "pending", 2: "pending"}
    assert sql(STATE) == [("pending", 1, "No paper")] * 2


@pytest.mark.usefixtures("two_events")
def test_a_worker_of_the_previous_release_can_take_over_an_ended_lease(url: str, sql: Sql) -> None:
    async def work(queue: NotificationQueue) -> dict[int, str]:
        late = await queue.claim(LOG)
        sql("update notification set due_at = now()")
        claim_as_before(sql)
        return await queue.finish(failed(late))

    assert with_queue(url, work) == {}


@pytest.mark.usefixtures("two_events")
@pytest.mark.parametrize("reopened", [False, True])
def test_a_late_worker_of_the_previous_release_changes_nothing(
    empty: TestClient, url: str, sql: Sql, *, reopened: bool
) -> None:
    late = claim_as_before(sql)
    if reopened:
        for (event,) in sql("select id from event"):
            empty.put(f"/events/{event}", json={"status": "NotProcessed"})
    else:
        sql("update notification set due_at = now()")

    async def work(queue: NotificationQueue) -> dict[int, str]:
        claimed = await queue.claim(LOG)
        assert sql_with(url, previous_release.FINISH, late) == []
        return await queue.finish(delivered(claimed))

    assert with_queue(url, work) == {1: "delivered", 2: "delivered"}


def sql_with(url: str, statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement with named parameters."""
    with psycopg.connect(url, autocommit=True, options="-c search_path=inventory") as connection:
        return connection.execute(statement.encode(), parameters).fetchall()


def test_after_the_clock_was_set_back_notifications_are_due_at_once(url: str, sql: Sql) -> None:
    sql(FILL, 5, "log")
    hour = "now() + interval '1 hour'"
    wrong = f"due_at = {hour}, scheduled_at = {hour}"
    sql(f"update notification set {wrong}, queued_at = {hour} where id = 1")  # an event of the wrong hour
    sql(f"update notification set {wrong} where id = 2")  # a failure of the wrong hour
    sql(f"update notification set {wrong}, queued_at = {hour}, lease = gen_random_uuid() where id = 3")
    sql(f"update notification set due_at = {hour} where id = 4")  # put off, by a clock that is right

    async def work(queue: NotificationQueue) -> list[int]:
        await queue.reschedule()
        return [one.id for one in await queue.claim(LOG)]

    assert with_queue(url, work) == [1, 2, 5]
    assert sql("select id from notification where queued_at > now()") == [(3,)]


def test_measuring_the_queue_does_not_read_delivered_notifications(url: str, sql: Sql) -> None:
    sql(FILL, 3000, "log")
    sql("update notification set state = 'delivered', finished_at = now() where id > 5")
    sql("update notification set state = 'dead', finished_at = now() where id = 1")
    sql("analyze notification")
    plan = "\n".join(line for (line,) in sql(f"explain {QUEUE.depth.decode()}"))
    assert "Seq Scan" not in plan
    depth = with_queue(url, lambda queue: queue.depth())
    assert (depth.pending, depth.dead) == (4, 1)
