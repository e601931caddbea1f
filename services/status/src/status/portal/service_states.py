"""What is asked about each service for the page of the services, and the sentence about all of them."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from chassis.process.readiness import DependencyState, Readiness, ReadinessReport
from chassis.web.metadata import Metadata
from status.portal.credential import Credential
from status.portal.services import NoAnswer, ServiceClient
from status.portal.shared_answers import Answer

Kind = Literal["ok", "warn", "bad", "unknown"]
"""How well something works: it does, in part, not at all, or it is not known."""

UNREADY = 503
"""Status code of `/health/ready` if the service is not ready; the response says why."""

CHECKS: Mapping[str, tuple[str, str]] = {
    "database": ("reaches its database", "cannot reach its database"),
    "writes": ("can write to its database", "cannot write to its database"),
}
"""What the known readiness checks mean: if they succeed, and if they fail."""


class Check(msgspec.Struct, frozen=True):
    """A readiness check in words."""

    kind: Kind
    words: str
    """The end of a sentence that begins with the service, such as `reaches its database`."""
    detail: str = ""


class ServiceReport(msgspec.Struct, frozen=True):
    """What a service reports about itself."""

    status: str
    """`ready`, `unready` or `draining`."""
    checks: Sequence[Check]
    metadata: Metadata | None
    """None if the service did not say."""
    milliseconds: float | None
    """Response time; None for this process itself."""


class ServiceState(msgspec.Struct, frozen=True):
    """One service on the page."""

    title: str
    link: str
    """Where its pages are."""
    configured: bool
    """Whether this installation asks it."""
    answer: Answer[ServiceReport]

    @property
    def kind(self) -> Kind:
        """How well the service works."""
        if not self.configured:
            return "unknown"
        report = self.answer.value
        if report is None or report.status == "unready":
            return "bad"
        in_part = report.status != "ready" or any(check.kind != "ok" for check in report.checks)
        return "warn" if in_part else "ok"

    @property
    def word(self) -> str:
        """The kind in a word or two."""
        report = self.answer.value
        if not self.configured:
            return "Not shown here"
        if report is None:
            return "No answer"
        if report.status == "draining":
            return "Stopping"
        return {"ok": "Works", "warn": "Works in part", "bad": "Does not work", "unknown": "Unknown"}[
            self.kind
        ]

    @property
    def clause(self) -> str:
        """What does not work, such as `balances cannot reach its database`; empty if everything works."""
        name = self.title.lower()
        report = self.answer.value
        if self.kind in ("ok", "unknown"):
            return ""
        if report is None:
            return f"{name} does not answer"
        wrong = [check.words for check in report.checks if check.kind == "bad"] or [
            check.words for check in report.checks if check.kind == "warn"
        ]
        if wrong:
            return f"{name} {wrong[0]}"
        return f"{name} is stopping" if report.status == "draining" else f"{name} is not ready"


class Condition(msgspec.Struct, frozen=True):
    """The sentence about all services."""

    kind: Kind
    sentence: str


async def ask_service(client: ServiceClient, credential: Credential) -> ServiceReport:
    """What a service reports.

    Raises:
        NoAnswer: the service gave no answer that can be used.
    """
    began = time.monotonic()
    took = 0.0

    async def ready() -> ReadinessReport:
        nonlocal took
        report = await client.get("/health/ready", ReadinessReport, credential, also=UNREADY)
        took = time.monotonic() - began
        return report

    report, metadata = await asyncio.gather(ready(), _metadata(client, credential))
    return ServiceReport(report.status, in_words(report.checks), metadata, took * 1000)


async def describe_this_process(readiness: Readiness, metadata: Metadata) -> ServiceReport:
    """The same about this process, which needs no request."""
    report = await readiness.report()
    return ServiceReport(report.status, in_words(report.checks), metadata, None)


def in_words(checks: Mapping[str, DependencyState]) -> list[Check]:
    """The readiness checks in words. A check that this release does not know is named."""
    shown = []
    for name, state in checks.items():
        works, fails = CHECKS.get(name, (f"reports that {name} works", f"reports that {name} does not work"))
        kind: Kind = {"up": "ok", "failing": "warn"}.get(state.status, "bad")  # type: ignore[assignment]
        shown.append(Check(kind, works if kind == "ok" else fails, state.detail))
    return shown


def condition(states: Sequence[ServiceState]) -> Condition:
    """One sentence about all services: what does not work, or that all of them work."""
    kinds = {state.kind for state in states}
    clauses = [state.clause for state in states if state.clause]
    if clauses:
        sentence = f"{', and '.join((', '.join(clauses[:-1]), clauses[-1])) if clauses[1:] else clauses[0]}."
        return Condition("bad" if "bad" in kinds else "warn", sentence[0].upper() + sentence[1:])
    if "unknown" in kinds:
        return Condition("ok", "All services that are shown here work.")
    return Condition("ok", "All services work.")


async def _metadata(client: ServiceClient, credential: Credential) -> Metadata | None:
    try:
        return await client.get("/metadata", Metadata, credential)
    except NoAnswer:
        return None
