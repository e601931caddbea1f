"""Who a token names: its claims as a caller.

The rules are those of Kubernetes' structured authentication, so roles and RoleBindings name people in the same way.
Only the cluster may use names that begin with `system:`, because RBAC gives rights to them.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from chassis.access.caller import Caller
from chassis.access.claims import Claims, refused
from chassis.process.access_settings import CLUSTER, Issuer

RESERVED = "system:"

EVERYBODY = "system:authenticated"
"""The group of everybody who has signed in."""

ACCOUNT = re.compile(r"system:serviceaccount:([a-z0-9][a-z0-9-]*):[a-z0-9][a-z0-9.-]*")

UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, line breaks, surrogates, and characters that reverse the direction of text."""

INVISIBLE = re.compile(r"[\xad\u061c\u200b-\u200f\ufeff]")
"""Characters without a width, with which two names look the same. A name that is only shown may have them, because some
languages need them."""


def caller_of(
    issuer: Issuer, claims: Claims, payload: Mapping[str, Any], kept: frozenset[str] | None = None
) -> Caller:
    """The caller that a verified token names.

    Args:
        issuer: how its issuer names people.
        claims: the claims that every token has.
        payload: all of its claims.
        kept: the groups that this service knows; None to keep all.

    Raises:
        Unauthenticated: a name is missing, or may not be used.
    """
    found = service_account(claims) if issuer.issuer == CLUSTER else person(issuer, claims, payload)
    return found if kept is None else found.in_groups(kept)


def service_account(claims: Claims) -> Caller:
    """The service account that a token of the cluster names, with the groups that the API server gives it."""
    account = ACCOUNT.fullmatch(claims.sub)
    if account is None:
        raise refused("The token of the cluster names no service account.")
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{account[1]}", EVERYBODY)
    return Caller(
        kind="token",
        actor=claims.sub,
        issuer=claims.iss,
        subject=claims.sub,
        groups=groups,
        expires=claims.exp,
    )


def person(issuer: Issuer, claims: Claims, payload: Mapping[str, Any]) -> Caller:
    """The person or program that a token of an OpenID Connect provider names."""
    username = _username(issuer, payload)
    return Caller(
        kind="token",
        actor=_allowed(issuer.prefix + username, "username"),
        issuer=claims.iss,
        subject=_visible(claims.sub, "sub"),
        name=_safe(_optional_text(payload, "name"), "name"),
        email=_verified_email(payload),
        groups=(*_groups(issuer, payload), EVERYBODY),
        expires=claims.exp,
    )


def _username(issuer: Issuer, payload: Mapping[str, Any]) -> str:
    username = payload.get(issuer.username)
    if not isinstance(username, str) or not username.strip():
        raise refused(f"The claim {issuer.username} of the token has no username.")
    if username != username.strip():
        raise refused(f"The claim {issuer.username} of the token begins or ends with white space.")
    if issuer.username != "email":
        return username
    if payload.get("email_verified", True) is not True:
        raise refused(
            "The issuer has not verified the e-mail address in the token, which is the username here. Verify it there."
        )
    return in_lower_case(username)


def _verified_email(payload: Mapping[str, Any]) -> str:
    if payload.get("email_verified") is not True:
        return ""
    email = _safe(_optional_text(payload, "email"), "email")
    # Databases, too, take the Kelvin sign for a `k`, and an account is found by this address
    return email.lower() if email.isascii() else ""


def in_lower_case(email: str) -> str:
    """An e-mail address with the letters A to Z in lower case.

    Other letters stay: in lower case, the Kelvin sign would become a `k`, and so another person's address.
    """
    return "".join(letter.lower() if letter.isascii() else letter for letter in email)


def _groups(issuer: Issuer, payload: Mapping[str, Any]) -> Sequence[str]:
    given = payload.get(issuer.groups) if issuer.groups else None
    groups = [given] if isinstance(given, str) else [] if given is None else given
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise refused(f"The claim {issuer.groups} of the token is no list of groups.")
    return [_allowed(issuer.prefix + group, "groups") for group in groups if group]


def _allowed(name: str, claim: str) -> str:
    if name.startswith(RESERVED):
        raise refused(
            f"The {claim} in the token begin with {RESERVED!r}, and only the cluster may use such names."
        )
    return _visible(name, claim)


def _optional_text(payload: Mapping[str, Any], claim: str) -> str:
    value = payload.get(claim)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise refused(f"The claim {claim} of the token is not text.")
    return value


def _visible(text: str, claim: str) -> str:
    if INVISIBLE.search(text):
        raise refused(f"The claim {claim} of the token has an invisible character.")
    return _safe(text, claim)


def _safe(text: str, claim: str) -> str:
    if UNSAFE.search(text):
        raise refused(f"The claim {claim} of the token has a line break or another control character.")
    return text
