"""Background tasks are started again and counted, and liveness detects one that hangs."""

import asyncio

import pytest
from prometheus_client import CollectorRegistry
from tests.chassis.greeter import MakeClient

from chassis.errors import Unavailable
from chassis.process import background
from chassis.process.background import BackgroundTasks, Heartbeat


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "FIRST_PAUSE", 0.01)


def value(registry: CollectorRegistry, name: str, task: str) -> float:
    found = registry.get_sample_value(name, {"task": task})
    assert found is not None
    return found


@pytest.mark.parametrize("error", [ValueError("odd"), Unavailable("away"), None], ids=repr)
def test_a_task_that_ends_is_counted_and_started_again(error: Exception | None) -> None:
    registry = CollectorRegistry()
    starts = 0

    async def work() -> None:
        nonlocal starts
        starts += 1
        if starts < 3:
            if error:
                raise error
            return
        await asyncio.sleep(3600)

    async def scenario() -> None:
        async with BackgroundTasks(registry).running("listener", work):
            while starts < 3:  # noqa: ASYNC110  the task has no event to wait for
                await asyncio.sleep(0.001)

    asyncio.run(scenario())
    assert value(registry, "background_task_failures_total", "listener") == 2


def test_a_repeated_task_goes_on_after_a_failure_and_exports_its_last_success() -> None:
    registry = CollectorRegistry()
    runs = 0

    async def step() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise ValueError("odd")

    async def scenario() -> None:
        async with BackgroundTasks(registry).repeating("gauges", step, 0.01):
            assert value(registry, "background_task_last_success_timestamp_seconds", "gauges") == 0
            while runs < 3:  # noqa: ASYNC110  the task has no event to wait for
                await asyncio.sleep(0.001)

    asyncio.run(scenario())
    assert value(registry, "background_task_failures_total", "gauges") == 1
    assert value(registry, "background_task_last_success_timestamp_seconds", "gauges") > 1_600_000_000


def test_the_task_is_cancelled_at_the_end_of_the_block() -> None:
    async def scenario() -> None:
        async with BackgroundTasks(CollectorRegistry()).running("listener", lambda: asyncio.sleep(3600)):
            assert len(asyncio.all_tasks()) == 2
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(scenario())


def test_liveness_fails_when_a_heartbeat_stops(make_client: MakeClient) -> None:
    heart = Heartbeat("processor", 3600)
    client = make_client(heartbeats=[heart])
    assert client.get("/health").text == "OK\n"
    heart.seconds = -1
    answer = client.get("/health")
    assert answer.status_code == 503
    assert "processor" in answer.json()["detail"]


def test_a_task_ends_with_the_service_although_a_cancellation_was_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(background, "CANCELLED_AGAIN_SECONDS", 0.05)
    lost = 0

    async def work() -> None:
        nonlocal lost
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:  # as `asyncio.wait_for` of Python 3.11 may do
            lost += 1
            await asyncio.sleep(3600)

    async def scenario() -> None:
        async with BackgroundTasks(CollectorRegistry()).repeating("measurement", work, 3600):
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(scenario(), 20))
    assert lost == 1
