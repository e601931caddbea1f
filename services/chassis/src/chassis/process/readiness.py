"""Readiness: whether the service can handle requests now.

It checks each dependency. While the process drains before it stops, the service is not ready.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from chassis.errors import RequestError

Check = Callable[[], Awaitable[None]]
"""Returns if the dependency works. Otherwise it raises an error whose message says why not."""

SECONDS = 2.0
"""Timeout of a check."""


class Degraded(Exception):
    """A dependency responds, but a part of it does not work; the message says which."""


class DependencyState(msgspec.Struct, frozen=True, omit_defaults=True):
    """State of one dependency."""

    status: Annotated[
        str,
        Meta(
            description="`up`, `down`, or `failing`, which does not make the service unready", examples=["up"]
        ),
    ]
    detail: Annotated[
        str,
        Meta(description="Why it is not up; absent if it is, and for callers who have not signed in"),
    ] = ""


class ReadinessReport(msgspec.Struct, frozen=True):
    """The body of `/health/ready`."""

    status: Annotated[
        str,
        Meta(description="`ready`, `unready`, or `draining` before the process stops", examples=["ready"]),
    ]
    checks: Annotated[
        Mapping[str, DependencyState],
        Meta(description="State of each dependency, by its name", examples=[{"database": {"status": "up"}}]),
    ]

    def without_details(self) -> "ReadinessReport":
        """The report without the reasons, which may name hosts."""
        checks = {name: DependencyState(state.status) for name, state in self.checks.items()}
        return ReadinessReport(self.status, checks)


class Readiness:
    """Checks the dependencies of a service, and reports whether the process drains."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self.draining = False

    def drain(self) -> None:
        """Report `draining` from now on, because the process is about to stop."""
        self.draining = True

    async def report(self) -> ReadinessReport:
        """Check all dependencies at the same time."""
        states = await asyncio.gather(*(_state(check) for check in self._checks.values()))
        checks = dict(zip(self._checks, states, strict=True))
        if self.draining:
            return ReadinessReport("draining", checks)
        ready = all(state.status != "down" for state in states)
        return ReadinessReport("ready" if ready else "unready", checks)


async def _state(check: Check) -> DependencyState:
    try:
        async with asyncio.timeout(SECONDS):
            await check()
    except Degraded as error:
        return DependencyState("failing", str(error))
    except RequestError as error:
        return DependencyState("down", error.detail)
    except TimeoutError:
        return DependencyState("down", f"no response within {SECONDS:g} s")
    except Exception as error:  # noqa: BLE001  any error means that the dependency is down
        return DependencyState("down", f"{type(error).__name__}: {error}".strip())
    return DependencyState("up")
