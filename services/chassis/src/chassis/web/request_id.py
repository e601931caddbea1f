"""The request's id: the caller's `X-Request-ID` where it is a sane one, else a new one."""

import re
import secrets

HEADER = b"x-request-id"
REPLACED = b"x-request-id-replaced"
"""Header of a response whose request came with an id that cannot be used."""
SANE = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}").fullmatch


def choose(given: bytes | None) -> str:
    """The id to use for a request that came with `given`."""
    if given is not None and SANE(given):
        return given.decode("ascii")
    return secrets.token_hex(16)
