"""A request that is cancelled during the TLS handshake leaves no connection open."""

import asyncio
import socket
from contextlib import suppress

import httpx
import pytest

from chassis.process.tls_handshakes import close_cancelled_handshakes


@pytest.fixture
def silent_server() -> socket.socket:
    """Accepts connections, and never answers."""
    return socket.create_server(("127.0.0.1", 0))


def test_the_connection_is_closed_when_the_deadline_passes_during_the_handshake(
    silent_server: socket.socket,
) -> None:
    url = f"https://127.0.0.1:{silent_server.getsockname()[1]}"

    async def cancelled_request() -> bytes:
        """What the server receives until the end of the connection, while the client lives."""
        async with httpx.AsyncClient(event_hooks={"request": [close_cancelled_handshakes]}) as client:
            request = asyncio.create_task(client.get(url))
            accepted = await asyncio.to_thread(lambda: silent_server.accept()[0])
            with accepted:
                accepted.settimeout(20)
                await asyncio.to_thread(accepted.recv, 1)  # the handshake has begun
                request.cancel()
                with suppress(asyncio.CancelledError):
                    await request
                return await asyncio.to_thread(lambda: accepted.makefile("rb").read())

    with silent_server:
        assert asyncio.run(cancelled_request())  # the rest of the first message, and then the end


def test_a_request_with_plain_http_is_not_changed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        async def answered() -> int:
            async with httpx.AsyncClient(event_hooks={"request": [close_cancelled_handshakes]}) as client:
                request = asyncio.create_task(client.get(f"http://127.0.0.1:{server.getsockname()[1]}"))
                accepted = await asyncio.to_thread(lambda: server.accept()[0])
                with accepted:
                    await asyncio.to_thread(accepted.recv, 65_536)
                    accepted.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
                    return (await request).status_code

        assert asyncio.run(answered()) == 204
