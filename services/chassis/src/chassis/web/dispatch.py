"""Starlette routes made from operations: one route for each path calls the operation of the method."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from chassis.access.access import Access
from chassis.errors import RequestError
from chassis.web.decoding import arguments_of
from chassis.web.operations import Operation
from chassis.web.same_origin import SAFE, require_same_origin


def routes(operations: Sequence[Operation], access: Access, public_origin: str = "") -> list[Route]:
    """One route for each path, with all of its methods, so that a 405 lists the methods in `Allow`.

    Args:
        operations: the operations; those of one path follow each other.
        access: decides who may call an operation.
        public_origin: origin of the pages that may send requests which change something; see `same_origin`.
    """
    found = []
    for path, group in groupby(operations, attrgetter("path")):
        methods = {operation.method: operation for operation in group}
        if "GET" in methods:
            methods.setdefault("HEAD", methods["GET"])
        found.append(Route(path, _Dispatch(methods, access, public_origin), methods=list(methods)))
    paths = [route.path for route in found]
    if len(set(paths)) != len(paths):
        raise ValueError("the operations of one path must follow each other in the list")
    return found


class _Dispatch:
    """The endpoint of a route. Not a function, because Starlette would wrap that in one more error handler."""

    def __init__(self, methods: Mapping[str, Operation], access: Access, public_origin: str) -> None:
        self._methods = methods
        self._access = access
        self._public_origin = public_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        operation = self._methods[request.method]
        if request.method not in SAFE:
            require_same_origin(request, self._public_origin)
        await self._access.admit(request, operation.needs, operation.shows)
        try:
            arguments = await arguments_of(operation, request)
            response = await operation.endpoint(request, **arguments)
        except RequestError as error:
            if operation.on_error is None:
                raise
            response = operation.on_error(error)
        await response(scope, receive, send)
