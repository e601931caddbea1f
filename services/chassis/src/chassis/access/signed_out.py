"""The sessions that have signed out: a signed cookie cannot be taken back, so every service knows whom to refuse.

Only digests of the identifiers of sessions are kept and exchanged, each until its session would have ended anyway. They
are in memory: a process that starts learns from the others (`signed_out_poll`).
"""

import hashlib
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Annotated

import msgspec
import structlog
from msgspec import Meta
from prometheus_client import CollectorRegistry, Gauge

MOST = 1000
"""Maximum number of digests that are kept; their JSON is then smaller than 64 KiB."""

LONGEST_SECONDS = 17 * 3600
"""A digest is kept no longer than this, in seconds: one hour more than a session can last."""

Digest = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}\Z")]

log = structlog.get_logger()


class SignedOutList(msgspec.Struct, frozen=True):
    """The response of `GET /v1/signed-out`."""

    sessions: Annotated[Mapping[Digest, int], Meta(max_length=MOST)]
    """When each digest can be forgotten, in seconds since 1970."""


class SignedOut:
    """The digests of sessions that have signed out.

    Args:
        registry: the registry for the number of them.
        clock: time in seconds since 1970.
    """

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], float] = time.time) -> None:
        self._ends: dict[str, int] = {}
        self._clock = clock
        Gauge(
            "access_signed_out_sessions",
            "Sessions that signed out before their end, as far as this process knows",
            registry=registry,
        ).set_function(lambda: len(self._ends))

    def __contains__(self, digest: str) -> bool:
        return digest in self._ends

    def add(self, digest: str, end: int) -> None:
        """Keep a digest until `end`, in seconds since 1970."""
        self.merge({digest: end})

    def merge(self, ends: Mapping[str, int]) -> None:
        """Keep digests, each until its end in seconds since 1970; those that are over are forgotten."""
        now = self._clock()
        latest = int(now) + LONGEST_SECONDS
        for digest, end in ends.items():
            self._ends[digest] = max(self._ends.get(digest, 0), min(end, latest))
        kept = sorted((one for one in self._ends.items() if one[1] > now), key=lambda one: one[1])
        if len(kept) > MOST:
            log.warning("Too many sessions have signed out; the oldest are forgotten", most=MOST)
        self._ends = dict(kept[-MOST:])

    def as_json(self) -> bytes:
        """The JSON of a `SignedOutList`."""
        self.merge({})
        return msgspec.json.encode(SignedOutList(self._ends))


def digest_of(sid: str) -> str:
    """The digest of the identifier of a session."""
    return urlsafe_b64encode(hashlib.sha256(sid.encode()).digest()).rstrip(b"=").decode()
