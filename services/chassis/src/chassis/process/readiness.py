"""Readiness: whether a service can work now. It asks each dependency, and says no while the service drains."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec

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
