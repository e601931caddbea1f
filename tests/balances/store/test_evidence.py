"""The facts that a page shows about a feed."""

import datetime as dt

import pytest

from balances.feed.proof import Proof
from balances.store.evidence import feed_evidence, snapshot_evidence
from balances.store.snapshots import CurrentRefresh, FeedState, LastRefresh, Snapshot

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
SNAPSHOT = Snapshot(
    feed="demo",
    currency="CAD",
    pending_transactions=2,
    pending_total="-1.00",
    proof=Proof("demo", 4, 38, 38, "0123456789abcdef" * 4, NOW - dt.timedelta(hours=2)),
    total="18377.16",
    total_if_repeats_removed="20262.81",
)
COMPLETE = LastRefresh("complete", NOW - dt.timedelta(hours=1), 1.5, "")
FAILED = LastRefresh("unreachable", NOW - dt.timedelta(hours=1), 60.0, "feed demo, page 1: HTTP status 503")


def current(rows: int, expected: int | None) -> CurrentRefresh:
    """A refresh under way that has read some rows."""
    return CurrentRefresh(NOW, 1, rows, expected)


def test_a_snapshot_has_its_evidence() -> None:
    found = snapshot_evidence(SNAPSHOT, NOW)
    assert (found.read_at, found.age) == (SNAPSHOT.proof.fetched_at, dt.timedelta(hours=2))
    assert (found.pages, found.rows, found.pending, found.digest) == (4, 38, 2, "0123456789ab")


def test_after_a_complete_refresh_the_snapshot_is_current() -> None:
    found = feed_evidence(FeedState("demo", SNAPSHOT, COMPLETE, None), NOW)
    assert (found.condition, found.snapshot) == ("current", snapshot_evidence(SNAPSHOT, NOW))
    assert (found.failed_at, found.detail, found.refreshing, found.progress) == (None, "", False, None)


def test_after_a_failed_refresh_the_snapshot_is_outdated() -> None:
    found = feed_evidence(FeedState("demo", SNAPSHOT, FAILED, None), NOW)
    assert (found.condition, found.snapshot) == ("outdated", snapshot_evidence(SNAPSHOT, NOW))
    assert (found.failed_at, found.detail) == (FAILED.finished_at, FAILED.detail)


@pytest.mark.parametrize("last", [None, FAILED])
def test_a_feed_without_a_snapshot_was_never_read(last: LastRefresh | None) -> None:
    found = feed_evidence(FeedState("demo", None, last, None), NOW)
    assert (found.condition, found.snapshot) == ("never_read", None)
    assert found.detail == (last.detail if last else "")


@pytest.mark.parametrize(
    ("rows", "expected", "progress"),
    [(0, None, None), (0, 38, 0.0), (19, 38, 0.5), (38, 38, 1.0), (39, 38, 1.0), (0, 0, 1.0)],
)
def test_progress_is_the_share_of_the_rows_that_were_read(
    rows: int, expected: int | None, progress: float | None
) -> None:
    found = feed_evidence(FeedState("demo", None, None, current(rows, expected)), NOW)
    assert (found.refreshing, found.progress) == (True, progress)


def test_a_snapshot_from_a_clock_that_is_ahead_is_not_younger_than_now() -> None:
    earlier = NOW - dt.timedelta(days=1)
    assert snapshot_evidence(SNAPSHOT, earlier).age == dt.timedelta(0)
