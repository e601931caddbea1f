"""The routes `/health` (liveness) and `/health/ready` (readiness).

Liveness depends on nothing outside the process, so that an outage of a dependency never restarts a pod. Readiness
checks each dependency.
"""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chassis.access.access import Access
from chassis.process.background import Heartbeat
from chassis.process.readiness import Readiness
from chassis.web import problem


def live(heartbeats: Sequence[Heartbeat]) -> Callable[[Request], Awaitable[Response]]:
    """The handler of `GET /health`: 200, or 503 if one of the loops hangs."""

    async def get_liveness(_: Request) -> Response:
        for heartbeat in heartbeats:
            if not heartbeat.alive:
                return problem.respond(
                    503,
                    f"The {heartbeat.name} has made no progress for {heartbeat.silence:.0f} s; restart the process.",
                )
        return PlainTextResponse("OK\n")

    return get_liveness


def ready(readiness: Readiness, access: Access) -> Callable[[Request], Awaitable[Response]]:
    """The handler of `GET /health/ready`: 200 or 503, with the state of each dependency.

    Callers who have not signed in, such as the kubelet, do not see why a dependency is down: the reasons name hosts.
    """

    async def get_readiness(request: Request) -> Response:
        report = await readiness.report()
        caller = await access.identify_or_anonymous(request)
        if caller.kind == "anonymous":
            report = report.without_details()
        status = 200 if report.status == "ready" else 503
        return Response(msgspec.json.encode(report), status, media_type="application/json")

    return get_readiness
