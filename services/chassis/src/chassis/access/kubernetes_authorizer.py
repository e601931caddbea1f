"""What a caller may do, by the RBAC of the cluster: each question is a LocalSubjectAccessReview.

Source: Kubernetes API, authorization.k8s.io/v1.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import msgspec
import structlog

from chassis.access.caller import Caller
from chassis.access.cluster import ApiServer
from chassis.access.expiring_cache import ExpiringCache
from chassis.access.json_documents import NoDocument
from chassis.access.permissions import Permission, Role
from chassis.errors import Unavailable

GROUP = "benchtop.dev"
"""API group of the resources. They have no CustomResourceDefinition: only rules of RBAC name them."""

REVIEW_SECONDS = 2.0
"""Time in which a question must be answered, with the time that it waits for others."""

CACHED_SECONDS = 5.0
"""How long an answer is used, so that a new RoleBinding and a deleted one count within ten seconds."""

CACHED_ANSWERS = 10_000

AT_ONCE = 16
"""Maximum number of questions at the same time."""

log = structlog.get_logger()

Question = tuple[str, tuple[str, ...], str, str]
"""User, groups, verb and resource."""


class KubernetesRbac:
    """Asks the API server.

    Args:
        server: the API server.
        namespace: namespace whose Roles and RoleBindings count.
    """

    def __init__(self, server: ApiServer, namespace: str) -> None:
        self._server = server
        self._namespace = namespace
        self._path = f"/apis/authorization.k8s.io/v1/namespaces/{namespace}/localsubjectaccessreviews"
        self._answers = ExpiringCache[Question, bool](CACHED_ANSWERS)
        self._flights: dict[Question, asyncio.Task[bool | None]] = {}
        self._free = asyncio.Semaphore(AT_ONCE)
        self._failing = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """See `Authorizer.running`."""
        async with self._server.opened():
            try:
                yield
            finally:
                await self._stop()

    async def allows(self, caller: Caller, permission: Permission) -> bool:
        """Whether RBAC gives the caller a permission.

        Raises:
            Unavailable: the API server does not answer in time, or not with a decision.
        """
        question = (caller.actor, caller.groups, permission.verb, permission.resource)
        answer = self._answers.get(question)
        if answer is not None:
            return answer
        flight = self._flights.get(question)
        if flight is None:
            flight = self._flights[question] = asyncio.create_task(self._ask(question))
            flight.add_done_callback(lambda _: self._flights.pop(question))
        # A caller that goes away must not cancel the question of the others
        answer = await asyncio.shield(flight)
        if answer is None:
            raise Unavailable(
                "The cluster cannot be asked now whether this is allowed, so nothing was done. Try again later."
            )
        return answer

    def role(self, caller: Caller) -> Role | None:
        """None: with RBAC there are no roles of Benchtop's own."""
        del caller
        return None

    def remedy(self, permission: Permission) -> str:
        """The rule that a Role needs."""
        return (
            f"In the namespace {self._namespace}, a RoleBinding gives this permission if its Role has the verb"
            f" {permission.verb} on {permission.resource} of the API group {GROUP}."
        )

    async def _stop(self) -> None:
        """Cancel the questions under way."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        for flight in flights:
            with suppress(asyncio.CancelledError):
                await flight

    async def _ask(self, question: Question) -> bool | None:
        """The answer; None if there is none in time."""
        try:
            async with asyncio.timeout(REVIEW_SECONDS), self._free:
                allowed = await self._review(question)
        except (NoDocument, TimeoutError) as error:
            reason = str(error) or f"The API server did not answer within {REVIEW_SECONDS:g} s."
            if not self._failing:
                log.warning("The cluster does not answer what callers may do", error=reason)
            self._failing = True
            return None
        if self._failing:
            log.info("The cluster answers again what callers may do")
        self._failing = False
        self._answers.put(question, allowed, CACHED_SECONDS)
        return allowed

    async def _review(self, question: Question) -> bool:
        user, groups, verb, resource = question
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "LocalSubjectAccessReview",
            "metadata": {"namespace": self._namespace},
            "spec": {
                "user": user,
                "groups": groups,
                "resourceAttributes": {
                    "namespace": self._namespace,
                    "verb": verb,
                    "group": GROUP,
                    "resource": resource,
                },
            },
        }
        body = msgspec.json.encode(review)
        answer = await self._server.request(self._path, seconds=REVIEW_SECONDS, body=body)
        try:
            return msgspec.convert(answer, Review).status.allowed
        except msgspec.ValidationError as error:
            raise NoDocument(f"The API server answered without a decision ({error}).") from error


class Decision(msgspec.Struct, frozen=True):
    """The member `status` of a review."""

    allowed: bool


class Review(msgspec.Struct, frozen=True):
    """The answer to a review."""

    status: Decision
