"""Sends each path to its service, as the Ingress does in a cluster."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from chassis.pages import error_page
from chassis.web import problem, request_id


class Ingress:
    """ASGI application that passes requests to other applications, each with its own lifespan and state.

    Args:
        exact: applications for single paths.
        prefixes: applications for a path and all paths below it.
        worker: runs the worker; it is started after the applications, and stopped before them.
    """

    def __init__(
        self,
        exact: Mapping[str, Starlette],
        prefixes: Mapping[str, Starlette],
        worker: Callable[[], AbstractAsyncContextManager[None]],
    ) -> None:
        self._exact = exact
        self._prefixes = prefixes
        self._worker = worker
        self._states: dict[Starlette, Mapping[str, Any]] = {}
        self._router = Router(lifespan=self._lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or run the lifespans of all applications."""
        if scope["type"] == "lifespan":
            await self._router(scope, receive, send)
            return
        app = self.find(scope["path"])
        if app is None:
            await self._not_found(scope)(scope, receive, send)
            return
        scope["state"] = dict(self._states.get(app, {}))
        await app(scope, receive, send)

    def _not_found(self, scope: Scope) -> Response:
        headers = request_id.headers(scope)
        scope["app"] = self._exact["/"]  # its error page has links to all pages
        if error_page.wants_page(scope):
            detail = "Check the address, or start from one of the links above."
            return error_page.respond(Request(scope), 404, detail, headers=headers)
        return problem.respond(
            404, "This path does not exist. The portal at / lists the paths that exist.", headers=headers
        )

    def find(self, path: str) -> Starlette | None:
        """The application of a path; None if there is none."""
        if path in self._exact:
            return self._exact[path]
        below = (
            app for prefix, app in self._prefixes.items() if path == prefix or path.startswith(f"{prefix}/")
        )
        return next(below, None)

    def state_of(self, path: str) -> Mapping[str, Any]:
        """The state of the application of a path, while it runs."""
        app = self.find(path)
        return {} if app is None else self._states.get(app, {})

    @asynccontextmanager
    async def _lifespan(self, _: Any) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for app in {*self._exact.values(), *self._prefixes.values()}:
                state = await stack.enter_async_context(app.router.lifespan_context(app))
                self._states[app] = state or {}
            await stack.enter_async_context(self._worker())
            yield
