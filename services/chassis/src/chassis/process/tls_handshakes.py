"""Close a connection when its request is cancelled during the TLS handshake.

httpcore 1.0 closes the connection when the handshake fails, but not when it is cancelled, as a deadline does. The event
loop keeps such a connection as long as the server does: each request to a server that hangs would cost a socket.
"""

from typing import Any

import httpx

CONNECTED = "connection.connect_tcp.complete"
HANDSHAKE_FAILED = "connection.start_tls.failed"


async def close_cancelled_handshakes(request: httpx.Request) -> None:
    """Watch the connection of a request: an event hook for `httpx.AsyncClient` (`event_hooks={"request": [...]}`)."""
    request.extensions["trace"] = _Connection().trace


class _Connection:
    """The connection that a request makes, if it makes one."""

    def __init__(self) -> None:
        self._stream: Any = None

    async def trace(self, event: str, details: dict[str, Any]) -> None:
        """Called by httpcore at each step (https://www.encode.io/httpcore/extensions/#trace)."""
        if event == CONNECTED:
            self._stream = details["return_value"]
        elif event == HANDSHAKE_FAILED and self._stream is not None:
            await self._stream.aclose()
