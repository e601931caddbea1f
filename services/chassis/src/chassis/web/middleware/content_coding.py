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

CODED_TAG = re.compile(rb'-gzip"')
WEIGHT = re.compile(rb"q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
NOT_MODIFIED = 304


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
        known = b""
        for index, (name, value) in enumerate(scope["headers"]):
            if name == b"accept-encoding":
                accepted = accepted or accepts_gzip(value)
                if accepted:
                    scope["headers"][index] = (name, b"gzip")  # Starlette looks for no other spelling
            elif name == b"if-none-match":
                known += value
                scope["headers"][index] = (name, CODED_TAG.sub(b'"', value))
            elif name == b"if-match":
                scope["headers"][index] = (name, CODED_TAG.sub(b'"', value))

        async def send_tagged(message: Message) -> None:
            if message["type"] == "http.response.start":
                _tag(message, known if accepted else b"")
                _vary(message)
            await send(message)

        # Starlette's middleware costs those who do not accept gzip, too
        await (self.gzip if accepted else self.plain)(scope, receive, send_tagged)


def accepts_gzip(accept_encoding: bytes) -> bool:
    """Whether a value of Accept-Encoding allows gzip (RFC 9110, section 12.5.3): `gzip;q=0` forbids it."""
    accepted: dict[bytes, bool] = {}
    for choice in accept_encoding.lower().split(b","):
        coding, _, parameter = choice.partition(b";")
        weight = WEIGHT.fullmatch(parameter.strip())
        accepted[coding.strip()] = weight is None or float(weight[1]) > 0
    return accepted.get(b"gzip", accepted.get(b"x-gzip", accepted.get(b"*", False)))


def _tag(message: Message, known: bytes) -> None:
    """Mark the tag of a compressed representation; a 304 is about the one that the caller has."""
    headers = message["headers"]
    compressed = (b"content-encoding", b"gzip") in headers
    if not compressed and (message["status"] != NOT_MODIFIED or not known):
        return
    for index, (name, value) in enumerate(headers):
        if name == b"etag":
            coded = value[:-1] + b'-gzip"'
            if compressed or coded in known:
                headers[index] = (name, coded)


def _vary(message: Message) -> None:
    headers = message["headers"]
    for index, (name, value) in enumerate(headers):
        if name == b"vary":
            if b"accept-encoding" not in value.lower():
                headers[index] = (name, value + b", Accept-Encoding")
            return
    headers.append((b"vary", b"Accept-Encoding"))
