"""A service's routes, found by the literal start of their paths; Starlette would try them one by one."""

import re
from collections.abc import Sequence

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

DEPTH = 2
"""Segments of a path that are looked at: `/v1/sites`."""


class RouteIndex(BaseRoute):
    """All routes as one. The one that matched is the scope's `route`, as it would be without the index."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._by_start: dict[tuple[str, ...], list[Route]] = {}
        for route in sorted(routes, key=_literal_length, reverse=True):
            literal = route.path.split("{")[0].rpartition("/")[0] if "{" in route.path else route.path
            self._by_start.setdefault(_segments(literal), []).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The route whose path matches with most of it literal, whether it takes the method or says which it does."""
        if scope["type"] != "http":
            return Match.NONE, {}
        start = _segments(scope["path"].removeprefix(scope.get("root_path", "")))
        for length in range(len(start), -1, -1):
            for route in self._by_start.get(start[:length], ()):
                match, child = route.matches(scope)
                if match is not Match.NONE:
                    return match, {**child, "route": route}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route that matched answer."""
        await scope["route"].handle(scope, receive, send)


def _literal_length(route: Route) -> int:
    """So that `/v1/notifications/7:replay` is no notification called `7:replay`."""
    return len(re.sub(r"{.*?}", "", route.path))


def _segments(path: str) -> tuple[str, ...]:
    return tuple(segment for segment in path.split("/", DEPTH + 1)[1 : DEPTH + 1] if segment)
