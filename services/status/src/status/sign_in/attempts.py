"""Attempts to sign in at the provider: each is a cookie of its own, so that two tabs do not disturb each other."""

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from chassis.access import session_cookie
from chassis.access.expiring_cache import ExpiringCache
from chassis.access.session_keys import SessionKeys

PREFIX = "__Host-benchtop-sign-in-"
"""Beginning of the names of the cookies; the rest is made from the state."""

KIND = "benchtop-sign-in"

SECONDS = 600
"""How long a person may take to sign in at the provider."""

MOST = 5
"""Number of attempts that one browser can have at the same time."""


MOST_USED = 10_000
"""Number of used attempts that a process remembers; the oldest are forgotten first."""


class Attempt(msgspec.Struct, frozen=True):
    """What must be the same when the provider sends the person back, and the page to return to then."""

    state: str
    nonce: str
    verifier: str
    next: str
    exp: int
    """When the attempt ends, in seconds since 1970."""

    @property
    def challenge(self) -> str:
        """The code challenge S256 (RFC 7636, section 4.2)."""
        return urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


class UsedAttempts:
    """The attempts that were used, so that nobody makes this process ask the provider with one again and again."""

    def __init__(self) -> None:
        self._states: ExpiringCache[bytes, bool] = ExpiringCache(MOST_USED)

    def use(self, attempt: Attempt) -> bool:
        """Whether an attempt may be used: only once."""
        state = hashlib.sha256(attempt.state.encode()).digest()
        if self._states.get(state):
            return False
        self._states.put(state, True, attempt.exp - time.time())
        return True


def begin(next_page: str) -> Attempt:
    """A new attempt."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Attempt(state, nonce, verifier, next_page, int(time.time()) + SECONDS)


def keep(request: Request, response: Response, attempt: Attempt, keys: SessionKeys) -> None:
    """Let the browser keep an attempt; the oldest ones are deleted, so that there are never too many."""
    known = dict(_kept(request, keys))
    live = sorted((name for name in known), key=lambda name: known[name].exp)
    unusable = {name for name in request.cookies if name.startswith(PREFIX)} - set(known)
    for name in (*unusable, *live[: max(0, len(live) - MOST + 1)]):
        session_cookie.forget(response, name)
    value = keys.sign(KIND, msgspec.json.encode(attempt))
    session_cookie.keep(response, value, SECONDS, name_of(attempt.state))


def find(request: Request, state: str, keys: SessionKeys) -> Attempt | None:
    """The attempt with this state that the browser of a request has begun; None if there is none."""
    attempt = _decoded(request.cookies.get(name_of(state), ""), keys)
    matches = attempt is not None and hmac.compare_digest(attempt.state.encode(), state.encode())
    return attempt if matches else None


def forget(response: Response, state: str) -> None:
    """Let the browser delete an attempt, which can be used once."""
    session_cookie.forget(response, name_of(state))


def name_of(state: str) -> str:
    """The name of the cookie of an attempt."""
    return PREFIX + hashlib.sha256(state.encode()).hexdigest()[:16]


def _kept(request: Request, keys: SessionKeys) -> Iterator[tuple[str, Attempt]]:
    for name, value in request.cookies.items():
        if name.startswith(PREFIX) and (attempt := _decoded(value, keys)) is not None:
            yield name, attempt


def _decoded(cookie: str, keys: SessionKeys) -> Attempt | None:
    payload = keys.verified(KIND, cookie) if cookie else None
    try:
        attempt = msgspec.json.decode(payload, type=Attempt) if payload else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return attempt if attempt is not None and time.time() < attempt.exp else None
