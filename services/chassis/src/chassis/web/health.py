"""Liveness and readiness: two questions with two answers.

Liveness touches nothing outside the process, so that an outage of something else never restarts a pod. Readiness
asks each dependency.
"""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chassis.process.background import Heartbeat
from chassis.process.readiness import Readiness
from chassis.web import problem


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
