"""Compression of responses with gzip, with strong entity tags.

A compressed representation needs another strong tag than the uncompressed one (RFC 9110, section 8.8.3.3). It has the
same tag with `-gzip` before the closing quote. In a request such a tag is replaced by the tag without `-gzip`.
"""

import re

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MINIMUM = 1024
"""Size in bytes below which a body is not compressed: it fits into one packet anyway."""

LEVEL = 5
"""Compression level of zlib. JSON becomes almost as small as with level 9, in about half of the time."""

CODED_TAG = re.compile(rb'-gzip"')
WEIGHT = re.compile(rb"q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
NOT_MODIFIED = 304


class ContentCoding:
    """ASGI middleware that compresses responses for clients that accept gzip."""

    def __init__(self, app: ASGIApp) -> None:
        self.plain = app
        self.gzip = GZipMiddleware(app, minimum_size=MINIMUM, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.plain(scope, receive, send)
            return
        accepted = False
        known = b""
        for index, (name, value) in enumerate(scope["headers"]):
            if name == b"accept-encoding":
                accepted = accepted or accepts_gzip(value)
                if accepted:
                    scope["headers"][index] = (name, b"gzip")  # the only spelling that Starlette knows
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

        # Without gzip, Starlette's middleware would only cost time
        await (self.gzip if accepted else self.plain)(scope, receive, send_tagged)


def accepts_gzip(accept_encoding: bytes) -> bool:
    """Whether Accept-Encoding allows gzip (RFC 9110, section 12.5.3). `gzip;q=0` forbids it."""
    accepted: dict[bytes, bool] = {}
    for choice in accept_encoding.lower().split(b","):
        coding, _, parameter = choice.partition(b";")
        weight = WEIGHT.fullmatch(parameter.strip())
        accepted[coding.strip()] = weight is None or float(weight[1]) > 0
    return accepted.get(b"gzip", accepted.get(b"x-gzip", accepted.get(b"*", False)))


def _tag(message: Message, known: bytes) -> None:
    """Add `-gzip` to the tag of a compressed response, or of a 304 if the client has the compressed representation."""
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
