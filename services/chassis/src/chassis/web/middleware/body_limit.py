"""A limit on request bodies, refused with a problem; Starlette's own middleware can only answer plain text."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.errors import Unavailable

SMALL = 64 * 1024
"""Bytes of a body that are always taken, so that large ones cannot keep small ones out."""

IN_FLIGHT = 32 * 1024 * 1024
"""Bytes beyond those that the bodies of requests under way may have together."""


class BodyLimit:
    """ASGI middleware that refuses a body of more than `limit` bytes, announced or not, without keeping it."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        seen = counted = 0

        async def receive_limited() -> Message:
            nonlocal seen, counted
            if announced.isdigit() and int(announced) > self.limit:
                raise self._too_large()
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.limit:
                raise self._too_large()
            if seen <= SMALL:
                return message
            self._in_flight += seen - SMALL - counted
            counted = seen - SMALL
            if self._in_flight > max(IN_FLIGHT, self.limit):
                raise Unavailable(
                    "The service receives too many large bodies at once. Retry in a second.", retry_after=1
                )
            return message

        try:
            await self.app(scope, receive_limited, send)
        finally:
            self._in_flight -= counted

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"The body is larger than the {self.limit} bytes that this route takes.")
