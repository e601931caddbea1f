"""The request's id: the caller's `X-Request-ID` where it is a sane one, else a new one."""

import re
import secrets

from starlette.types import Scope

HEADER = b"x-request-id"
REPLACED = b"x-request-id-replaced"
"""Header of a response whose request came with an id that cannot be used."""
SANE = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}").fullmatch


def choose(given: bytes | None) -> str:
    """The id to use for a request that came with `given`."""
    if given is not None and SANE(given):
        return given.decode("ascii")
    return secrets.token_hex(16)


def headers(scope: Scope) -> dict[str, str]:
    """The headers of a response that is given before a service has seen the request."""
    given = next((value for name, value in scope["headers"] if name == HEADER), None)
    ident = choose(given)
    found = {HEADER.decode(): ident}
    if given and given != ident.encode("ascii"):
        found[REPLACED.decode()] = "true"
    return found
