"""Sessions of browsers: a signed cookie that every service verifies by itself.

A session ends after some idle hours, some hours after its sign-in however it is used, with the token that was pasted to
sign in, when somebody signs out, and when its key is gone.
"""

import hashlib
import math
import secrets
import time
from collections.abc import Callable
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from chassis.access.caller import Caller
from chassis.access.expiring_cache import ExpiringCache
from chassis.access.session_cookie import COOKIE
from chassis.access.session_keys import SessionKeys
from chassis.access.signed_out import SignedOut, digest_of

FORMAT = 1
"""Number of the format of the cookie. A session of another format counts as signed out."""

KIND = "benchtop-session"

IDLE_SECONDS = 8 * 3600
ABSOLUTE_SECONDS = 16 * 3600

RENEW_SECONDS = IDLE_SECONDS // 2
"""A session that ends in less than this is renewed when its person opens a page."""

LATE_SECONDS = 300
"""How long after a sign-out a service that does not know of it may still renew the session, generously."""

MOST_BYTES = 3800
"""Maximum size of the cookie with its name; a browser keeps no cookie of more than 4096 bytes."""

REMEMBERED = 1024
REMEMBERED_SECONDS = 60.0
"""How many verified cookies are remembered, and how long."""


Time = Annotated[int, Meta(ge=0, le=253_402_300_799)]
"""Seconds since 1970, until the year 9999."""


class CookieTooLarge(Exception):
    """The session does not fit into a cookie: its person is in too many groups, or has names that are too long."""


class Session(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the cookie says."""

    v: Annotated[int, Meta(ge=FORMAT, le=FORMAT)]
    sid: Annotated[str, Meta(min_length=1)]
    """Random identifier of the session; it stays the same when the session is renewed."""
    iss: str
    sub: str
    actor: Annotated[str, Meta(min_length=1)]
    name: str = ""
    email: str = ""
    groups: tuple[str, ...] = ()
    auth_time: Time
    """When the person signed in."""
    exp: Time
    """When the session ends, unless it is renewed before."""
    token_exp: Time | None = None
    """When the pasted token ends; None if no token was pasted."""

    @property
    def latest_end(self) -> int:
        """When the session ends, however often it is renewed."""
        end = self.auth_time + ABSOLUTE_SECONDS
        return end if self.token_exp is None else min(end, self.token_exp)

    @property
    def caller(self) -> Caller:
        """The caller that the session stands for."""
        return Caller(
            kind="session",
            actor=self.actor,
            issuer=self.iss,
            subject=self.sub,
            name=self.name,
            email=self.email,
            groups=self.groups,
            expires=self.exp,
        )


class _Verified(NamedTuple):
    session: Session
    caller: Caller
    digest: str


class Sessions:
    """Makes sessions, and verifies their cookies.

    Args:
        keys_file: file with the keys; empty if browsers cannot sign in.
        signed_out: the sessions that have signed out.
        clock: time in seconds since 1970.

    Raises:
        SettingsError: the file has no valid key.
    """

    def __init__(self, keys_file: str, signed_out: SignedOut, clock: Callable[[], float] = time.time) -> None:
        self.keys = SessionKeys(keys_file)
        self._signed_out = signed_out
        self._clock = clock
        self._remembered = ExpiringCache[bytes, _Verified](REMEMBERED)
        self._key_changes = self.keys.changes

    def read(self, cookie: str) -> Caller | None:
        """The caller of a cookie; None if its session is not valid or has ended."""
        verified = self._verified(cookie)
        return verified.caller if verified else None

    def session(self, cookie: str) -> Session | None:
        """The session of a cookie; None if it is not valid or has ended."""
        verified = self._verified(cookie)
        return verified.session if verified else None

    def start(self, caller: Caller, token_ends: float | None = None) -> str:
        """The cookie of a new session.

        Args:
            caller: who signed in.
            token_ends: when the token ends that the person pasted, in seconds since 1970; None if there was none.

        Raises:
            CookieTooLarge: the person is in too many groups, or has names that are too long.
        """
        now = int(self._clock())
        session = Session(
            v=FORMAT,
            sid=secrets.token_urlsafe(24),
            iss=caller.issuer,
            sub=caller.subject,
            actor=caller.actor,
            name=caller.name,
            email=caller.email,
            groups=caller.groups,
            auth_time=now,
            exp=0,
            token_exp=None if token_ends is None else int(token_ends),
        )
        cookie = self._signed(_extended(session, now))
        if len(COOKIE) + 1 + len(cookie) > MOST_BYTES:
            raise CookieTooLarge
        return cookie

    def renewed(self, cookie: str) -> str | None:
        """The cookie with a later end, if the session ends soon; otherwise None."""
        session = self.session(cookie)
        now = int(self._clock())
        if session is None or session.exp - now >= RENEW_SECONDS or session.exp >= session.latest_end:
            return None
        return self._signed(_extended(session, now))

    def end(self, cookie: str) -> None:
        """Sign out: the session of a cookie is refused from now on, its renewed cookies included."""
        session = self.session(cookie)
        if session is not None:
            latest = int(self._clock()) + IDLE_SECONDS + LATE_SECONDS
            self._signed_out.add(digest_of(session.sid), min(latest, session.latest_end))

    def seconds_left(self, cookie: str) -> int:
        """Seconds until the session of a cookie ends; 0 if it has ended."""
        session = self.session(cookie)
        return 0 if session is None else max(0, math.ceil(session.exp - self._clock()))

    def _signed(self, session: Session) -> str:
        return self.keys.sign(KIND, msgspec.json.encode(session))

    def _verified(self, cookie: str) -> _Verified | None:
        if not cookie or len(cookie) > MOST_BYTES:
            return None
        self.keys.refresh()
        if self._key_changes != self.keys.changes:
            self._key_changes = self.keys.changes
            self._remembered.clear()
        key = hashlib.sha256(cookie.encode()).digest()  # so that no cookie stays in memory
        found = self._remembered.get(key)
        if found is None:
            found = self._decoded(cookie)
            if found is None:
                return None
            self._remembered.put(key, found, REMEMBERED_SECONDS)
        session, now = found.session, self._clock()
        if now >= session.exp or now >= session.latest_end or found.digest in self._signed_out:
            return None
        return found

    def _decoded(self, cookie: str) -> _Verified | None:
        payload = self.keys.verified(KIND, cookie)
        if payload is None:
            return None
        try:
            session = msgspec.json.decode(payload, type=Session)
        except (msgspec.DecodeError, UnicodeDecodeError):  # the session of another release
            return None
        return _Verified(session, session.caller, digest_of(session.sid))


def _extended(session: Session, now: int) -> Session:
    return msgspec.structs.replace(session, exp=min(now + IDLE_SECONDS, session.latest_end))
