"""Limits on the size of request bodies, for each body and for all of them together.

The response is a problem; Starlette's own middleware can only respond with plain text.
"""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.errors import Unavailable

SMALL = 64 * 1024
"""Bytes of each body that do not count towards IN_FLIGHT, so that large bodies cannot displace small ones."""

IN_FLIGHT = 32 * 1024 * 1024
"""Maximum number of bytes of all bodies that are being received; the first SMALL bytes of each body do not count."""


class BodyLimit:
    """ASGI middleware that refuses a body of more than `limit` bytes, by its Content-Length or while it is received."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
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
        return HTTPException(413, f"The body is larger than the {self.limit} bytes that this path accepts.")
