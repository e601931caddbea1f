"""What the ingress does in a cluster: sends each path to its service."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from chassis.web import problem, request_id


class Ingress:
    """ASGI application that answers with others, each with its own lifespan and state.

    Args:
        exact: applications for single paths.
        prefixes: applications for a path and everything below it.
        beside: opened with them, and closed before them.
    """

    def __init__(
        self,
        exact: Mapping[str, Starlette],
        prefixes: Mapping[str, Starlette],
        beside: Callable[[], AbstractAsyncContextManager[None]],
    ) -> None:
        self._exact = exact
        self._prefixes = prefixes
        self._beside = beside
        self._states: dict[Starlette, Mapping[str, Any]] = {}
        self._router = Router(lifespan=self._lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or run everybody's lifespan."""
        if scope["type"] == "lifespan":
            await self._router(scope, receive, send)
            return
        app = self.find(scope["path"])
        if app is None:
            answer = problem.respond(
                404,
                "Nothing is at this path. The portal at / shows what there is.",
                headers=request_id.headers(scope),
            )
            await answer(scope, receive, send)
            return
        scope["state"] = dict(self._states.get(app, {}))
        await app(scope, receive, send)

    def find(self, path: str) -> Starlette | None:
        """The application that answers for a path."""
        if path in self._exact:
            return self._exact[path]
        below = (
            app for prefix, app in self._prefixes.items() if path == prefix or path.startswith(f"{prefix}/")
        )
        return next(below, None)

    @asynccontextmanager
    async def _lifespan(self, _: Any) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for app in {*self._exact.values(), *self._prefixes.values()}:
                state = await stack.enter_async_context(app.router.lifespan_context(app))
                self._states[app] = state or {}
            await stack.enter_async_context(self._beside())
            yield
