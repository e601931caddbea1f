"""Finds the route of a request by the first segments of its path. Starlette would try all routes one by one."""

import re
from collections.abc import Sequence

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

DEPTH = 2
"""Number of path segments in the index, as in `/v1/sites`."""


class RouteIndex(BaseRoute):
    """All routes of a service as one. The route that matches becomes the `route` of the scope."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._by_start: dict[tuple[str, ...], list[Route]] = {}
        for route in sorted(routes, key=_literal_length, reverse=True):
            literal = route.path.split("{")[0].rpartition("/")[0] if "{" in route.path else route.path
            self._by_start.setdefault(_segments(literal), []).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Find the route that matches the path; if several match, the one with the longest literal text."""
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
        """Call the route that matched."""
        await scope["route"].handle(scope, receive, send)


def _literal_length(route: Route) -> int:
    """Length without the parameters: `/v1/notifications/{id}:replay` must come before `/v1/notifications/{id}`."""
    return len(re.sub(r"{.*?}", "", route.path))


def _segments(path: str) -> tuple[str, ...]:
    return tuple(segment for segment in path.split("/", DEPTH + 1)[1 : DEPTH + 1] if segment)
