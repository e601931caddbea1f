"""What a page shows about a feed beside its numbers: how old they are, and the evidence that they are complete."""

import datetime as dt
from typing import Literal

import msgspec

from balances.store.snapshots import CurrentRefresh, FeedState, SnapshotFacts

DIGEST_CHARACTERS = 12
"""How many characters of the digest are enough to compare two snapshots by eye."""

Condition = Literal["never_read", "current", "outdated"]


class SnapshotEvidence(msgspec.Struct, frozen=True):
    """Facts about a snapshot."""

    read_at: dt.datetime
    """When the feed was read."""
    age: dt.timedelta
    """How long ago the feed was read, never less than zero."""
    pages: int
    rows: int
    """Number of rows that were read, which is the number that the feed itself states."""
    pending: int
    """Number of rows that the bank has not booked yet."""
    digest: str
    """The first characters of the digest of all rows."""


class FeedEvidence(msgspec.Struct, frozen=True):
    """Facts about a feed."""

    condition: Condition
    """`current`: the last refresh was complete. `outdated`: it failed, and the snapshot before it was kept."""
    snapshot: SnapshotEvidence | None
    failed_at: dt.datetime | None
    """When the last refresh ended, if it failed."""
    detail: str
    """Why the last refresh failed, or what is unusual about a complete one; empty if there is nothing to say."""
    refreshing: bool
    """Whether a refresh is under way."""
    progress: float | None
    """How much of the feed the refresh under way has read, from 0 to 1; None if that is not known."""


def feed_evidence(state: FeedState, now: dt.datetime) -> FeedEvidence:
    """The evidence for the state of a feed.

    Args:
        state: the state of the feed.
        now: the time now, with a time zone.
    """
    last = state.last_refresh
    failed_at = last.finished_at if last is not None and last.outcome != "complete" else None
    condition: Condition = "current" if failed_at is None else "outdated"
    return FeedEvidence(
        "never_read" if state.snapshot is None else condition,
        None if state.snapshot is None else snapshot_evidence(state.snapshot, now),
        failed_at,
        "" if last is None else last.detail,
        state.current_refresh is not None,
        _progress(state.current_refresh),
    )


def snapshot_evidence(snapshot: SnapshotFacts, now: dt.datetime) -> SnapshotEvidence:
    """The evidence for a snapshot, such as the one that a page of a list has."""
    proof = snapshot.proof
    return SnapshotEvidence(
        proof.fetched_at,
        max(now - proof.fetched_at, dt.timedelta(0)),
        proof.pages,
        proof.rows,
        snapshot.pending_transactions,
        proof.digest[:DIGEST_CHARACTERS],
    )


def _progress(current: CurrentRefresh | None) -> float | None:
    if current is None or current.expected_rows is None:
        return None
    return min(1.0, current.rows / current.expected_rows) if current.expected_rows else 1.0
