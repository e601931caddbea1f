"""The claims that every token must have (RFC 7519, RFC 8725): their types, and the times at which a token is valid."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.access.bearer import INVALID
from chassis.errors import Unauthenticated
from chassis.validation.field_errors import field_error

LEEWAY_SECONDS = 60.0
"""How far the clocks of the issuer and of this machine may be apart."""

Time = Annotated[float, Meta(ge=0, le=253_402_300_799)]
"""Seconds since 1970, until the year 9999."""

Text = Annotated[str, Meta(min_length=1)]


class Claims(msgspec.Struct, frozen=True):
    """The claims of a token that has not been checked further."""

    iss: Text
    sub: Text
    aud: Text | list[str]
    exp: Time
    iat: Time
    nbf: Time | UnsetType = UNSET


def refused(reason: str) -> Unauthenticated:
    """The error for a token that cannot be used."""
    return Unauthenticated(reason, error=INVALID)


def read_claims(payload: Mapping[str, Any]) -> Claims:
    """The claims of a token; raises Unauthenticated if one is missing or has the wrong type."""
    try:
        return msgspec.convert(payload, Claims)
    except msgspec.ValidationError as error:
        found = field_error(error, Claims)
        raise refused(f"The token cannot be used: {found.detail}, at {found.pointer}.") from error


def check_times(claims: Claims, now: float, most_seconds: float) -> None:
    """Check that a token is valid now, and that it does not live too long.

    Args:
        claims: its claims.
        now: seconds since 1970.
        most_seconds: maximum time from `iat` to `exp`.

    Raises:
        Unauthenticated: it has expired, is not valid yet, or lives too long.
    """
    if claims.exp <= now - LEEWAY_SECONDS:
        raise refused("The token has expired. Get a new one.")
    if claims.nbf is not UNSET and claims.nbf > now + LEEWAY_SECONDS:
        raise refused("The token is not valid yet. Compare the clocks of its issuer and of this server.")
    if claims.iat > now + LEEWAY_SECONDS:
        raise refused(
            "The token was issued in the future. Compare the clocks of its issuer and of this server."
        )
    if claims.exp - claims.iat > most_seconds:
        raise refused(
            f"The token is valid for {claims.exp - claims.iat:.0f} s, and at most {most_seconds:.0f} s are accepted."
            " Get one with a shorter duration."
        )


def check_audience(claims: Claims, audience: str) -> None:
    """Check that a token is for us; raises Unauthenticated if it is not."""
    audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
    if audience not in audiences:
        raise refused(
            f"The token is not for the audience {audience}. For a service account of the cluster, get one that is with"
            f" kubectl create token NAME --audience {audience}."
        )
