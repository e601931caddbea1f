"""The bearer token in the header Authorization.

Source: RFC 6750, section 2.1.
"""

import re
from collections.abc import Iterable

from chassis.errors import Malformed, Unauthenticated

MOST_BYTES = 8192
"""Maximum size of the header. A token of an issuer that puts hundreds of groups into it stays below."""

INVALID = "invalid_token"

TOKEN = re.compile(rb"[A-Za-z0-9._~+/-]+=*")


def is_bearer(header: bytes) -> bool:
    """Whether a value of the header Authorization has the scheme Bearer, in any case."""
    return header[:6].lower() == b"bearer" and header[6:7] in (b" ", b"")


def bearer_token(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """What follows the word Bearer; None if the request has no such header.

    Other schemes do not count, because a proxy in front of the service may use Basic for itself.

    Args:
        headers: headers of the request, with names in lower case.

    Raises:
        Malformed: there are several Authorization headers.
        Unauthenticated: the header is too large.
    """
    found = None
    for name, value in headers:
        if name == b"authorization":
            if found is not None:
                raise Malformed("The request has several Authorization headers. Send one.")
            found = value
    if found is None or not is_bearer(found):
        return None
    if len(found) > MOST_BYTES:
        raise Unauthenticated(
            f"The Authorization header has more than {MOST_BYTES} bytes. Use a token with fewer groups or claims.",
            error=INVALID,
        )
    return found[6:].strip()


def require_one_token(text: bytes) -> None:
    """Check that what follows the word Bearer is one token; raises Unauthenticated if it is not."""
    if not TOKEN.fullmatch(text):
        raise Unauthenticated(
            "The Authorization header must have the word Bearer, a space and one token.", error=INVALID
        )
