"""The request id: the client's `X-Request-ID` if it is valid, else a new one."""

import re
import secrets

from starlette.types import Scope

HEADER = b"x-request-id"
REPLACED = b"x-request-id-replaced"
"""Response header that reports that the id of the request was not valid and has been replaced."""
VALID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}").fullmatch


def choose(given: bytes | None) -> str:
    """The id of a request whose `X-Request-ID` header is `given`."""
    if given is not None and VALID(given):
        return given.decode("ascii")
    return secrets.token_hex(16)


def headers(scope: Scope) -> dict[str, str]:
    """The request id headers of a response that is sent before the request reaches a service."""
    given = next((value for name, value in scope["headers"] if name == HEADER), None)
    ident = choose(given)
    found = {HEADER.decode(): ident}
    if given and given != ident.encode("ascii"):
        found[REPLACED.decode()] = "true"
    return found
