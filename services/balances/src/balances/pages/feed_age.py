"""When a snapshot counts as old."""

import datetime as dt

from balances.store.snapshots import Snapshot

OLD_AFTER = dt.timedelta(hours=26)
"""As for the alert `BalancesFeedStale`: a feed that is read once a day is late by two hours."""


def is_old(snapshot: Snapshot) -> bool:
    """Whether the snapshot is old enough for a warning."""
    return dt.datetime.now(dt.UTC) - snapshot.proof.fetched_at > OLD_AFTER
