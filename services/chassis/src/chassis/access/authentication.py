"""Who sent a request: by the bearer token in its header Authorization, or by the session of a browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from starlette.requests import Request

from chassis.access.bearer import bearer_token
from chassis.access.caller import ANONYMOUS, Caller
from chassis.access.session_cookie import session_cookie
from chassis.access.tokens import Tokens
from chassis.process.background import BackgroundTasks


class SessionReader(Protocol):
    """Reads the session in a cookie."""

    def read(self, cookie: str) -> Caller | None:
        """The caller; None if the session is not valid, has ended, or has signed out."""
        ...


class TokensAndSessions:
    """Accepts a token, or else the session of a browser. A token that is not valid is refused, whatever the session is.

    Args:
        tokens: verifies tokens.
        sessions: reads sessions; None if browsers cannot sign in.
        tasks: runs what keeps the keys of the issuers up to date.
    """

    def __init__(self, tokens: Tokens, sessions: SessionReader | None, tasks: BackgroundTasks) -> None:
        self.tokens = tokens
        self.sessions = sessions
        self._tasks = tasks

    async def authenticate(self, request: Request) -> Caller:
        """See `Authenticator.authenticate`.

        A session that is not valid, or of an issuer that is no longer trusted, is anonymous: people sign in again.
        """
        headers = request.scope["headers"]
        token = bearer_token(headers)
        if token is not None:
            return await self.tokens.caller(token)
        if self.sessions is not None and (cookie := session_cookie(request)):
            caller = self.sessions.read(cookie)
            return caller if caller is not None and self.tokens.trusts(caller.issuer) else ANONYMOUS
        return ANONYMOUS

    async def check_started(self) -> None:
        """See `Authenticator.check_started`."""
        await self.tokens.check_started()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the keys of the issuers up to date until the end of the block."""
        async with self.tokens.running(self._tasks):
            yield
