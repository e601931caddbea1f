"""The callers in the table of access: what each of them sends, and what that should give."""

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from prometheus_client import CollectorRegistry
from tests.support.issuer import TestIssuer

from chassis.access.caller import Caller as SignedIn
from chassis.access.permissions import ROLES, Role
from chassis.access.session_cookie import COOKIE
from chassis.access.session_keys import SessionKeys
from chassis.access.sessions import KIND, Sessions
from chassis.access.signed_out import SignedOut

Headers = list[tuple[str, str]]

OPENS_A_PAGE: Headers = [("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate")]
"""What a browser sends when a person opens a page."""


class Caller(NamedTuple):
    """One column of the table."""

    name: str
    headers: Headers
    role: Role | None = None
    """The caller's role; None if there is none, or if nobody believes who the caller is."""
    refused: int | None = None
    """Status of every operation that needs something; None if it is known who the caller is."""
    foreign: bool = False
    """Whether a page of another site sends the request."""


def callers(trusted: TestIssuer, stranger: TestIssuer, keys: Path) -> Iterator[Caller]:
    """All callers.

    Args:
        trusted: an issuer that the services trust; in its tokens, a person with a role has the name of the role.
        stranger: an issuer that they do not know.
        keys: the file with the keys of sessions.
    """
    yield Caller("anonymous", [("Sec-Fetch-Mode", "cors")], refused=401)
    yield Caller("anonymous, opens a page", OPENS_A_PAGE, refused=401)
    yield Caller("without a role", bearer(trusted.token("stranger")))
    for role in ROLES:
        yield Caller(role, bearer(trusted.token(role)), role=role)
    for name, token in invalid_tokens(trusted, stranger).items():
        yield Caller(name, bearer(token), refused=401)
    token = trusted.token("admin")
    yield Caller("doubled", [*bearer(token), *bearer(token)], refused=400)
    session = cookie(keys, trusted)
    yield Caller("admin in a browser", browser(session), role="admin")
    yield Caller("page of another site", browser(session, "cross-site"), role="admin", foreign=True)
    for name, invalid in invalid_cookies(keys, trusted).items():
        yield Caller(name, browser(invalid), refused=401)


def bearer(token: str) -> Headers:
    """The header with a token."""
    return [("Authorization", f"Bearer {token}")]


def browser(session: str, site: str = "same-origin") -> Headers:
    """The headers of a script or a form of a page, with the cookie of a session."""
    return [("Cookie", f"{COOKIE}={session}"), ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "cors")]


def cookie(keys: Path, issuer: TestIssuer) -> str:
    """The cookie of an admin who has signed in."""
    admin = SignedIn(kind="session", actor="admin", issuer=issuer.url, subject="admin")
    return Sessions(str(keys), SignedOut(CollectorRegistry())).start(admin)


def invalid_cookies(keys: Path, issuer: TestIssuer) -> Mapping[str, str]:
    """Cookies of an admin that nobody may accept."""
    valid = cookie(keys, issuer)
    other_keys = keys.with_suffix(".other")
    write_key(other_keys)
    start, payload, signature = valid.split(".")
    session = _decoded(payload)
    longer = _encoded(json.dumps({**session, "exp": 2**40}).encode())
    return {
        "session of another release": SessionKeys(str(keys)).sign(
            KIND, json.dumps({**session, "v": session["v"] + 1}).encode()
        ),
        "session of another key": cookie(other_keys, issuer),
        "session that somebody changed": f"{start}.{longer}.{signature}",
        "token as a session": issuer.token("admin"),
    }


def write_key(file: Path) -> None:
    """Write a new key of sessions into a file."""
    file.write_bytes(urlsafe_b64encode(secrets.token_bytes(32)) + b"\n")


def invalid_tokens(trusted: TestIssuer, stranger: TestIssuer) -> Mapping[str, str]:
    """Tokens of an admin that nobody may accept."""
    claims = _decoded(trusted.token("admin").split(".")[1])
    return {
        "expired": trusted.token("admin", age=1000, lifetime=600),
        "not yet valid": trusted.token("admin", nbf=claims["iat"] + 600),
        "another audience": trusted.token("admin", audience="another"),
        "unknown issuer": stranger.token("admin"),
        "a signature of another issuer": stranger.token("admin", iss=trusted.url),
        "alg: none": written({"alg": "none", "typ": "JWT"}, claims),
        "signed with the public key": written(
            {"alg": "HS256", "kid": trusted.rsa.kid, "typ": "JWT"}, claims, trusted.rsa.as_pem(private=False)
        ),
    }


def written(header: Mapping[str, Any], claims: Mapping[str, Any], secret: bytes | None = None) -> str:
    """A token as an attacker makes it: with an HMAC of the secret as its signature, or with none."""
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
    digest = b"" if secret is None else hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{_encoded(digest)}"


def _decoded(part: str) -> dict[str, Any]:
    found = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert isinstance(found, dict)
    return found


def _encoded(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()
