"""The lower bound for uvicorn: an ASGI application that responds to every request with the same bytes."""

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Send = Callable[[Mapping[str, Any]], Awaitable[None]]


def create_app() -> Callable[[Mapping[str, Any], Any, Send], Awaitable[None]]:
    """The application; the variable `BODY` is the body of its responses."""
    body = os.environ["BODY"].encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    end = {"type": "http.response.body", "body": body}

    async def app(_: Mapping[str, Any], __: Any, send: Send) -> None:
        await send(start)
        await send(end)

    return app
