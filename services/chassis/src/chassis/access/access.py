"""The access of one service: who calls, and whether they may do what an operation needs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Protocol

from starlette.requests import Request

from chassis.access.authorization import Authorizer, Everything
from chassis.access.caller import ALL_RIGHTS, ANONYMOUS, CALLER, OPEN, RIGHTS, Caller, Rights
from chassis.access.permissions import Need, Permission, Role, permissions_of
from chassis.errors import Forbidden, RequestError, Unauthenticated

Admission = Callable[[Request, Caller, Need], Awaitable[None]]
"""A further check of a service, such as whether the caller's account is active; raises Forbidden.

It is called with the request, its caller, and what the operation needs, which the caller has.
"""


class Authenticator(Protocol):
    """Finds out who sent a request."""

    async def authenticate(self, request: Request) -> Caller:
        """The caller; anonymous without credentials.

        Raises:
            Unauthenticated: the credentials are not valid.
            Malformed: there are several Authorization headers.
            Unavailable: the keys of the issuer are not known.
        """

    def running(self) -> AbstractAsyncContextManager[None]:
        """Runs what keeps keys up to date, until the end of the block."""

    async def check_started(self) -> None:
        """Check that the first keys were received or waited for; raises Unavailable if requests must still wait."""


async def admit_everybody(request: Request, caller: Caller, need: Need) -> None:
    """The admission of a service that has no further check."""
    del request, caller, need


class Access:
    """Decides about the requests of one service.

    Args:
        authenticator: finds out who calls; None if nobody has to sign in.
        authorizer: what a caller may do.
        admission: a further check of the service.
    """

    def __init__(
        self,
        authenticator: Authenticator | None = None,
        authorizer: Authorizer | None = None,
        admission: Admission = admit_everybody,
    ) -> None:
        self._authenticator = authenticator
        self._authorizer = authorizer or Everything()
        self._admission = admission

    @property
    def authenticator(self) -> Authenticator | None:
        """What finds out who calls; None if everybody may do everything."""
        return self._authenticator

    @property
    def is_open(self) -> bool:
        """Whether everybody may do everything."""
        return self._authenticator is None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Runs what keeps keys up to date, and keeps connections, until the end of the block."""
        keys = nullcontext() if self._authenticator is None else self._authenticator.running()
        async with keys, self._authorizer.running():
            yield

    async def check_started(self) -> None:
        """The readiness check: raises Unavailable until callers can be identified after the start."""
        if self._authenticator is not None:
            await self._authenticator.check_started()

    async def identify(self, request: Request) -> Caller:
        """Who sent a request; its log line then names them.

        Raises:
            Unauthenticated: the credentials are not valid.
            Unavailable: it cannot be found out now.
        """
        caller = OPEN if self._authenticator is None else await self._authenticator.authenticate(request)
        request.scope[CALLER] = caller
        return caller

    async def identify_or_anonymous(self, request: Request) -> Caller:
        """Who sent a request, for an operation that needs nothing: anonymous if that cannot be found out."""
        try:
            return await self.identify(request)
        except RequestError:
            request.scope[CALLER] = ANONYMOUS
            return ANONYMOUS

    async def admit(self, request: Request, need: Need, shows: Sequence[Permission] = ()) -> None:
        """Check that the caller has what an operation needs.

        Args:
            request: the request.
            need: what its operation needs.
            shows: the permissions that its page asks for, to offer only what the caller may do.

        Raises:
            Unauthenticated: nobody has signed in, or the credentials are not valid.
            Forbidden: the caller does not have the permission.
            Unavailable: it cannot be decided now.
        """
        if need == "nothing":
            return
        if self._authenticator is None:
            request.scope[CALLER], request.scope[RIGHTS] = OPEN, ALL_RIGHTS
            return
        caller = request.scope[CALLER] = await self._authenticator.authenticate(request)
        if caller.kind == "anonymous":
            raise Unauthenticated(
                "This needs a token in the Authorization header (Authorization: Bearer ...), or a browser that is"
                " signed in."
            )
        for permission in permissions_of(need):
            if not await self._authorizer.allows(caller, permission):
                raise Forbidden(
                    f"{caller.actor} may not {permission.verb} {permission.resource}."
                    f" {self._authorizer.remedy(permission)}"
                )
        await self._admission(request, caller, need)  # last, so that callers without rights cause no work
        if shows:
            request.scope[RIGHTS] = await self.rights(caller, shows)

    async def rights(self, caller: Caller, permissions: Sequence[Permission]) -> Rights:
        """Which of some permissions a caller has; raises Unavailable if that cannot be decided now."""
        decisions = await asyncio.gather(*(self._authorizer.allows(caller, one) for one in permissions))
        return Rights(dict(zip(permissions, decisions, strict=True)))

    def role(self, caller: Caller) -> Role | None:
        """The caller's role in this service, to show it; None if there is none, or if roles are not used."""
        return self._authorizer.role(caller)
