"""A slow feed: `python -m bench.feed_server DIR PORT SECONDS` waits SECONDS before each response."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import uvicorn

Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class FeedServer:
    """ASGI application that serves the files of a directory."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._pages = {f"/{page.name}": page.read_bytes() for page in folder.iterdir()}
        self._seconds = seconds

    async def __call__(self, scope: Mapping[str, Any], _: object, send: Send) -> None:
        """Respond to one request."""
        await asyncio.sleep(self._seconds)
        body = self._pages.get(scope["path"])
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body or b"")).encode()),
        ]
        await send(
            {"type": "http.response.start", "status": 404 if body is None else 200, "headers": headers}
        )
        await send({"type": "http.response.body", "body": body or b""})


def main() -> None:
    """Run the command."""
    folder, port, seconds = sys.argv[1:]
    app = FeedServer(Path(folder), float(seconds))
    uvicorn.run(app, port=int(port), log_level="warning", access_log=False, lifespan="off")


if __name__ == "__main__":
    main()
