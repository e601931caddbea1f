"""Small JSON documents of other servers: limited in size and time, without redirects and without compression."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec

MOST_BYTES = 65_536
"""Maximum size of a document."""


ACCEPTED = "application/json, application/jwk-set+json"
"""The API server refuses requests for its keys (406) that do not accept the second type (RFC 7517, section 8.5)."""


class NoDocument(Exception):
    """A server gave no document that can be used. The message is a sentence that says why, for the log."""


class ErrorResponse(NoDocument):
    """A server answered with an error or a redirect."""

    def __init__(self, message: str, status: int, content: bytes) -> None:
        super().__init__(message)
        self.status = status
        self.content = content


async def request_json(
    http: httpx.AsyncClient,
    url: str,
    *,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Any:
    """Request a document; with a body, the method is POST.

    Args:
        http: the client; it must not follow redirects.
        url: address of the document.
        seconds: time in which the response must be complete.
        headers: more headers of the request.
        body: JSON to send.

    Raises:
        ErrorResponse: the response is an error or a redirect.
        NoDocument: there is no response in time, or it is too large or no JSON.
    """
    try:
        async with asyncio.timeout(seconds):
            status, content = await _request(http, url, headers, body)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise NoDocument(f"{url} did not answer within {seconds:g} s.") from error
    except NoDocument:
        raise
    except Exception as error:
        # The HTTP library raises many kinds of errors because of a URL or a response; none may end a background task
        raise NoDocument(f"{url} cannot be reached ({type(error).__name__}: {error})") from error
    if not httpx.codes.is_success(status):
        redirect = " Redirects are not followed." if httpx.codes.is_redirect(status) else ""
        raise ErrorResponse(f"{url} answered with status {status}.{redirect}", status, content)
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NoDocument(f"{url} did not answer with JSON.") from error


async def _request(
    http: httpx.AsyncClient, url: str, headers: Mapping[str, str] | None, body: bytes | None
) -> tuple[int, bytes]:
    sent = {
        "Accept": ACCEPTED,
        "Accept-Encoding": "identity",  # the size of a compressed response is not known in advance
        **({} if body is None else {"Content-Type": "application/json"}),
        **(headers or {}),
    }
    method = "GET" if body is None else "POST"
    async with http.stream(method, url, headers=sent, content=body) as response:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise NoDocument(f"{url} answered with compressed content.")
        content = bytearray()
        async for chunk in response.aiter_raw():
            content += chunk
            if len(content) > MOST_BYTES:
                raise NoDocument(f"{url} answered with more than {MOST_BYTES // 1024} KiB.")
        return response.status_code, bytes(content)
