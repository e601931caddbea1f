"""Gzip that keeps strong entity tags strong.

A compressed representation is another one than the plain, so it needs another tag (RFC 9110, section 8.8.3.3).
It gets the plain one's with `-gzip` inside the quotes, and a request that names such a tag means the plain one's.
"""

import re

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MINIMUM = 1024
"""Bytes below which a body is sent as it is: it would fit one packet anyway."""

LEVEL = 5
"""zlib's level: close to the size of 9 on JSON for about half of its time."""

CONDITIONS = (b"if-match", b"if-none-match")
CODED_TAG = re.compile(rb'-gzip"')


class ContentCoding:
    """ASGI middleware: gzip for those who accept it."""

    def __init__(self, app: ASGIApp) -> None:
        self.plain = app
        self.gzip = GZipMiddleware(app, minimum_size=MINIMUM, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.plain(scope, receive, send)
            return
        accepted = False
        for index, (name, value) in enumerate(scope["headers"]):
            if name in CONDITIONS:
                scope["headers"][index] = (name, CODED_TAG.sub(b'"', value))
            elif name == b"accept-encoding":
                accepted = accepted or b"gzip" in value

        async def send_tagged(message: Message) -> None:
            if message["type"] == "http.response.start":
                _tag(message)
            await send(message)

        async def send_varying(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"vary", b"Accept-Encoding"))
            await send(message)

        if accepted:  # Starlette's middleware costs the others, too
            await self.gzip(scope, receive, send_tagged)
        else:
            await self.plain(scope, receive, send_varying)


def _tag(message: Message) -> None:
    headers = message["headers"]
    if (b"content-encoding", b"gzip") in headers:
        message["headers"] = [
            (name, value[:-1] + b'-gzip"' if name == b"etag" else value) for name, value in headers
        ]
