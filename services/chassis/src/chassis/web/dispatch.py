"""Starlette routes made from operations: one route for each path calls the operation of the method."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from chassis.errors import RequestError
from chassis.web.decoding import arguments_of
from chassis.web.operations import Operation


def routes(operations: Sequence[Operation]) -> list[Route]:
    """One route for each path, with all of its methods, so that a 405 lists the methods in `Allow`."""
    found = []
    for path, group in groupby(operations, attrgetter("path")):
        methods = {operation.method: operation for operation in group}
        if "GET" in methods:
            methods.setdefault("HEAD", methods["GET"])
        found.append(Route(path, _Dispatch(methods), methods=list(methods)))
    paths = [route.path for route in found]
    if len(set(paths)) != len(paths):
        raise ValueError("the operations of one path must follow each other in the list")
    return found


class _Dispatch:
    """The endpoint of a route. Not a function, because Starlette would wrap that in one more error handler."""

    def __init__(self, methods: Mapping[str, Operation]) -> None:
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        operation = self._methods[request.method]
        try:
            arguments = await arguments_of(operation, request)
            response = await operation.endpoint(request, **arguments)
        except RequestError as error:
            if operation.on_error is None:
                raise
            response = operation.on_error(error)
        await response(scope, receive, send)
