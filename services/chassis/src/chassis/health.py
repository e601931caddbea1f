"""Liveness and readiness: two questions with two answers.

Liveness touches nothing outside the process, so that an outage of something else never restarts a pod. Readiness
asks each dependency, and says no while the service drains.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chassis import problem
from chassis.background import Heartbeat
from chassis.errors import RequestError

Check = Callable[[], Awaitable[None]]
"""Returns when the dependency is well; raises, saying why, when it is not."""

SECONDS = 2.0
"""How long a dependency may take to answer."""


class Degraded(Exception):
    """A dependency answers, but does not do all of its work; the message says what it does not do."""


class DependencyState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one dependency answered: `up`, `down`, or `failing`, which does not make the service unready."""

    status: str
    detail: str = ""


class ReadinessReport(msgspec.Struct, frozen=True):
    """The body of `/health/ready`."""

    status: str
    checks: Mapping[str, DependencyState]


class Readiness:
    """Whether a service wants traffic now."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self.draining = False

    def drain(self) -> None:
        """Say no from now on: the process is about to stop."""
        self.draining = True

    async def report(self) -> ReadinessReport:
        """Ask every dependency, at once."""
        states = await asyncio.gather(*(_ask(check) for check in self._checks.values()))
        checks = dict(zip(self._checks, states, strict=True))
        if self.draining:
            return ReadinessReport("draining", checks)
        ready = all(state.status != "down" for state in states)
        return ReadinessReport("ready" if ready else "unready", checks)


async def _ask(check: Check) -> DependencyState:
    try:
        async with asyncio.timeout(SECONDS):
            await check()
    except Degraded as error:
        return DependencyState("failing", str(error))
    except RequestError as error:
        return DependencyState("down", error.detail)
    except TimeoutError:
        return DependencyState("down", f"no answer within {SECONDS:g} s")
    except Exception as error:  # noqa: BLE001  whatever a dependency raises, it is down
        return DependencyState("down", f"{type(error).__name__}: {error}".strip())
    return DependencyState("up")


def live(heartbeats: Sequence[Heartbeat]) -> Callable[[Request], Awaitable[Response]]:
    """`GET /health`: 503 if a loop that must turn has stopped."""

    async def get_liveness(_: Request) -> Response:
        for heartbeat in heartbeats:
            if not heartbeat.alive:
                return problem.respond(
                    503,
                    f"The {heartbeat.name} has not moved for {heartbeat.silence:.0f} s; restart the process.",
                )
        return PlainTextResponse("OK\n")

    return get_liveness


def ready(readiness: Readiness) -> Callable[[Request], Awaitable[Response]]:
    """`GET /health/ready` for that readiness."""

    async def get_readiness(_: Request) -> Response:
        report = await readiness.report()
        status = 200 if report.status == "ready" else 503
        return Response(msgspec.json.encode(report), status, media_type="application/json")

    return get_readiness
