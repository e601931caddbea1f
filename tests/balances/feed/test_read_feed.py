"""A feed is read completely and consistently, or not at all; the tests use a real HTTP server."""

import asyncio
import gzip
import os
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from tests.balances.feed_server import Feeds

from balances.feed.attempt import Attempt
from balances.feed.errors import FeedError, FeedInconsistent, FeedInvalid, FeedUnreachable, Place
from balances.feed.proof import Proof
from balances.feed.read_feed import read_feed
from balances.feed.retry import jittered_pause
from balances.feed.settings import make_feed
from balances.ledger.daily_balances import DailyBalances
from balances.ledger.money import format_amount

TOTAL_OF_SAMPLE = "18377.16"


def total(url: str, **settings: Any) -> tuple[str, Proof]:
    """Read a feed, and add up its transactions."""
    feed = make_feed(url, name="main", **settings)

    async def add_up(attempt: Attempt) -> str:
        balances = DailyBalances()
        async for page in attempt:
            balances.add(page.transactions)
        return format_amount(balances.total, feed.digits)

    return asyncio.run(read_feed(feed, add_up))


def failure(kind: type[FeedError], url: str, **settings: Any) -> FeedError:
    """The error of reading a feed that cannot be read."""
    with pytest.raises(kind) as caught:
        total(url, **settings)
    assert str(caught.value).startswith("feed main")
    return caught.value


def test_the_sample_is_the_same_over_http_and_from_its_directory(feeds: Feeds) -> None:
    server = feeds.serve(feeds.sample_script)
    by_http, from_directory = total(server.url), total(str(feeds.sample))
    assert by_http[0] == from_directory[0] == TOTAL_OF_SAMPLE
    assert by_http[1].digest == from_directory[1].digest
    proof = by_http[1]
    assert (proof.feed, proof.pages, proof.rows, proof.total_count, proof.complete) == (
        "main",
        4,
        38,
        38,
        True,
    )
    assert datetime.now(UTC) - proof.fetched_at < timedelta(minutes=1)


def test_few_more_pages_are_requested_than_the_feed_has(feeds: Feeds) -> None:
    server = feeds.serve(feeds.sample_script)
    total(server.url)
    assert sorted(server.asked) == [1, 1, 2, 3, 4, 5]  # page 1 again at the end, to notice a change
    assert server.asked[0] == server.asked[-1] == 1


def test_pages_are_requested_in_a_window_and_processed_in_order(feeds: Feeds) -> None:
    rows = [feeds.row(Amount=str(n), Company=f"SHOP {n}") for n in range(60)]
    well_behaved = feeds.paged(rows, 2)
    server = feeds.serve(lambda page, n: well_behaved(page, n)._replace(delay=0.03 if page % 3 else 0.09))
    seen: list[int] = []

    async def look(attempt: Attempt) -> None:
        async for page in attempt:
            seen.extend(transaction.amount for transaction in page.transactions)

    asyncio.run(read_feed(make_feed(server.url, window=4), look))
    assert seen == [n * 100 for n in range(60)]
    assert server.busiest == 4


def test_the_digest_does_not_depend_on_the_size_of_pages(feeds: Feeds) -> None:
    rows = [feeds.row(Amount=f"{n}.5") for n in range(12)]
    digests = {total(feeds.serve(feeds.paged(rows, size)).url)[1].digest for size in (1, 5, 12)}
    assert len(digests) == 1


def test_more_pages_than_expected_after_page_1_are_read(feeds: Feeds) -> None:
    sizes = [[feeds.row()] * 3, [feeds.row()], [feeds.row()], [feeds.row()]]
    server = feeds.serve(lambda p, _: feeds.page(p, sizes[p - 1], 6) if p <= 4 else feeds.reply(404))
    assert total(server.url)[0] == "-9.00"


def test_an_empty_feed_is_complete(feeds: Feeds) -> None:
    server = feeds.serve(lambda p, _: feeds.page(1, [], 0) if p == 1 else feeds.reply(404))
    answer, proof = total(server.url)
    assert (answer, proof.rows, proof.complete) == ("0.00", 0, True)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (["19.99"], "19.99"),
        (["0.1"] * 10, "1.00"),
        (["1e3"], "1000.00"),
        (["12345678901234567.89", "0.01"], "12345678901234567.90"),
    ],
)
def test_sums_are_exact(feeds: Feeds, amounts: list[str], expected: str) -> None:
    server = feeds.serve(feeds.paged([feeds.row(Amount=amount) for amount in amounts], 3))
    assert total(server.url)[0] == expected


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1.234"])
def test_an_invalid_amount_is_named_with_its_place(feeds: Feeds, amount: str) -> None:
    rows = [feeds.row(), feeds.row(), feeds.row(), feeds.row(Amount=amount)]
    error = failure(FeedInvalid, feeds.serve(feeds.paged(rows, 2)).url)
    assert error.place == Place(2, 2, "Amount")
    assert repr(amount) in str(error)


# Transient faults


def faulty_once(feeds: Feeds, fault: Any, page: int = 2) -> Any:
    """A server with the sample feed, which responds with a fault to the first request for one page."""
    return feeds.serve(lambda p, n: fault if (p, n) == (page, 1) else feeds.sample_script(p, n))


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_transient_fault_is_retried(feeds: Feeds, status: int) -> None:
    server = faulty_once(feeds, feeds.reply(status))
    assert total(server.url)[0] == TOTAL_OF_SAMPLE
    assert server.asked.count(2) == 2


def test_retry_after_in_seconds_is_honoured(feeds: Feeds) -> None:
    server = faulty_once(feeds, feeds.reply(429, headers=(("Retry-After", "1"),)), page=1)
    assert total(server.url)[0] == TOTAL_OF_SAMPLE
    assert server.asked[:2] == [1, 1]
    assert server.asked_at[1] - server.asked_at[0] >= 1


def test_retry_after_as_a_date_is_honoured(feeds: Feeds) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    fault = feeds.reply(503, headers=(("Retry-After", format_datetime(until, usegmt=True)),))
    server = faulty_once(feeds, fault, page=1)
    assert total(server.url)[0] == TOTAL_OF_SAMPLE
    assert datetime.now(UTC) >= until


def test_a_retry_after_beyond_the_deadline_fails_at_once(feeds: Feeds) -> None:
    server = feeds.serve(lambda *_: feeds.reply(429, headers=(("Retry-After", "3600"),)))
    error = failure(FeedUnreachable, server.url)
    assert "HTTP status 429; to wait 3600.0 s is more than the" in str(error)
    assert server.asked == [1]


@pytest.mark.parametrize("value", ["soon", "-5", "\u00b2", "1.5", "Wed, 99 Foo 2024"])
def test_an_invalid_retry_after_is_ignored(feeds: Feeds, value: str) -> None:
    header = ("Retry-After", value.encode().decode("latin-1"))
    assert total(faulty_once(feeds, feeds.reply(503, headers=(header,))).url)[0] == TOTAL_OF_SAMPLE


def test_a_request_without_a_response_in_time_is_retried(feeds: Feeds) -> None:
    server = faulty_once(feeds, feeds.reply(delay=60))
    assert total(server.url, read_timeout=0.3)[0] == TOTAL_OF_SAMPLE


def test_a_response_that_ends_early_is_retried(feeds: Feeds) -> None:
    server = faulty_once(feeds, feeds.page(2, [], 38)._replace(short=True))
    assert total(server.url)[0] == TOTAL_OF_SAMPLE


def test_a_gzip_response_that_ends_early_is_retried(feeds: Feeds) -> None:
    cut = gzip.compress(feeds.body(2, [], 38))[:-9]
    server = faulty_once(feeds, feeds.reply(body=cut, headers=(("Content-Encoding", "gzip"),)))
    assert total(server.url)[0] == TOTAL_OF_SAMPLE


def test_a_feed_is_unreachable_if_all_attempts_fail(feeds: Feeds) -> None:
    server = feeds.serve(lambda p, n: feeds.reply(503) if p == 3 else feeds.sample_script(p, n))
    error = failure(FeedUnreachable, server.url, attempts=3, deadline=4)
    assert str(error) == "feed main, page 3: HTTP status 503, after 3 attempts"
    assert server.asked.count(3) == 3


def test_a_feed_is_unreachable_if_no_server_listens() -> None:
    error = failure(FeedUnreachable, "http://127.0.0.1:1/feed", attempts=2, deadline=4)
    assert "the connection failed" in str(error)


def test_the_error_after_the_deadline_names_the_last_event(feeds: Feeds) -> None:
    server = feeds.serve(
        lambda p, n: (
            feeds.reply(503) if (p, n) == (4, 1) else feeds.sample_script(p, n)._replace(delay=30 * (p == 4))
        )
    )
    error = failure(FeedUnreachable, server.url, deadline=1, window=1)
    assert str(error) == "feed main: not read completely within 1 s; last event: page 4: HTTP status 503"


def test_retries_outlast_an_outage_of_a_part_of_the_deadline(feeds: Feeds) -> None:
    begun: list[float] = []

    def script(page: int, n: int) -> Any:
        begun.append(time.monotonic())
        return feeds.reply(503) if time.monotonic() - begun[0] < 2 else feeds.sample_script(page, n)

    server = feeds.serve(script)
    assert total(server.url, deadline=12)[0] == TOTAL_OF_SAMPLE


@pytest.mark.parametrize("attempts", [2, 3, 5, 20])
@pytest.mark.parametrize("seconds", [0.5, 60.0, 3600.0])
def test_pauses_grow_to_a_quarter_of_the_deadline(attempts: int, seconds: float) -> None:
    pauses = [jittered_pause(attempt, attempts, seconds) for attempt in range(1, attempts)]
    assert min(pauses) >= 0.1
    assert max(pauses) <= max(0.25, seconds / 4)
    assert pauses[-1] >= seconds / 8


def test_the_log_never_shows_a_pause_of_zero_seconds(feeds: Feeds, caplog: pytest.LogCaptureFixture) -> None:
    server = faulty_once(feeds, feeds.reply(503, headers=(("Retry-After", "0"),)))
    assert total(server.url)[0] == TOTAL_OF_SAMPLE
    assert caplog.messages == ["feed main, page 2: HTTP status 503; trying again in 0.1 s"]


def test_status_500_is_an_error_that_names_the_page(feeds: Feeds) -> None:
    server = faulty_once(feeds, feeds.reply(500))
    error = failure(FeedInvalid, server.url)
    assert str(error) == "feed main, page 2: HTTP status 500, where 200 or 404 is expected"


def test_status_500_is_retried_with_the_setting(feeds: Feeds) -> None:
    assert total(faulty_once(feeds, feeds.reply(500)).url, retry_500=True)[0] == TOTAL_OF_SAMPLE


# Permanent faults


@pytest.mark.parametrize("status", [201, 204, 206, 304, 400, 401, 403, 410, 418, 501])
def test_any_other_status_is_an_error_and_not_the_end_of_the_feed(feeds: Feeds, status: int) -> None:
    server = feeds.serve(lambda p, n: feeds.reply(status) if p == 5 else feeds.sample_script(p, n))
    error = failure(FeedInvalid, server.url)
    assert (error.place.page, error.detail) == (5, f"HTTP status {status}, where 200 or 404 is expected")


def test_a_feed_without_page_1_is_an_error(feeds: Feeds) -> None:
    assert "page 1: is missing" in str(failure(FeedInvalid, feeds.serve(lambda *_: feeds.reply(404)).url))


def test_html_instead_of_json_is_an_error(feeds: Feeds) -> None:
    login = feeds.reply(body=b"<!DOCTYPE html><title>Log in</title>")
    server = feeds.serve(lambda p, n: login if p == 2 else feeds.sample_script(p, n))
    assert "feed main, page 2: the response is HTML" in str(failure(FeedInvalid, server.url))


def test_a_body_of_100_mb_is_cut_off_early(feeds: Feeds) -> None:
    server = feeds.serve(lambda *_: feeds.reply(body=b" " * 2**20, endless=True))
    error = failure(FeedInvalid, server.url, max_page_bytes=2**20)
    assert str(error) == "feed main, page 1: the page is larger than 1048576 bytes"
    assert server.cut_off.wait(10)
    assert server.sent < 100 * 10**6


def test_a_gzip_bomb_is_cut_off(feeds: Feeds) -> None:
    bomb = feeds.reply(body=gzip.compress(b" " * 100_000_000), headers=(("Content-Encoding", "gzip"),))
    error = failure(FeedInvalid, feeds.serve(lambda *_: bomb).url, max_page_bytes=2**20)
    assert "the page is larger than 1048576 bytes" in str(error)


def test_gzip_is_read(feeds: Feeds) -> None:
    def script(page: int, n: int) -> Any:
        reply = feeds.sample_script(page, n)
        return reply._replace(body=gzip.compress(reply.body), headers=(("Content-Encoding", "gzip"),))

    assert total(feeds.serve(script).url)[0] == TOTAL_OF_SAMPLE


@pytest.mark.parametrize(
    ("coding", "detail"), [("br", "Content-Encoding br"), ("gzip", "the gzip coding is broken")]
)
def test_an_unknown_or_broken_content_coding_is_an_error(feeds: Feeds, coding: str, detail: str) -> None:
    server = feeds.serve(lambda *_: feeds.reply(body=b"{}", headers=(("Content-Encoding", coding),)))
    assert detail in str(failure(FeedInvalid, server.url))


def test_a_redirect_to_another_host_is_not_followed(feeds: Feeds) -> None:
    elsewhere = feeds.serve(feeds.sample_script)
    for location in (
        f"{elsewhere.url}/1.json",
        f"http://localhost:{elsewhere.port}/feed/1.json",
        "ftp://127.0.0.1/",
    ):
        server = feeds.serve(lambda *_, to=location: feeds.reply(302, headers=(("Location", to),)))
        assert "which is not followed" in str(failure(FeedInvalid, server.url))
    assert elsewhere.asked == []


def test_a_redirect_on_the_same_host_is_followed(feeds: Feeds) -> None:
    def script(page: int, n: int) -> Any:
        if page < 100:
            return feeds.reply(307, headers=(("Location", f"/moved/{page + 100}.json"),))
        return feeds.sample_script(page - 100, n)

    assert total(feeds.serve(script).url)[0] == TOTAL_OF_SAMPLE


def test_endless_redirects_are_an_error(feeds: Feeds) -> None:
    server = feeds.serve(lambda *_: feeds.reply(301, headers=(("Location", "/feed/1.json"),)))
    assert "more than 5 redirects" in str(failure(FeedInvalid, server.url))


def test_a_redirect_without_a_location_is_an_error(feeds: Feeds) -> None:
    server = feeds.serve(lambda *_: feeds.reply(302))
    assert "HTTP status 302 without a Location" in str(failure(FeedInvalid, server.url))


# Inconsistent feeds


def test_a_page_missing_in_the_middle_is_an_error(feeds: Feeds) -> None:
    server = feeds.serve(lambda p, n: feeds.reply(404) if p == 2 else feeds.sample_script(p, n))
    error = failure(FeedInconsistent, server.url)
    assert str(error) == "feed main, page 2: is missing in the middle: page 3 exists (the last of 3 attempts)"
    assert server.asked.count(1) == 3


def test_a_page_after_the_end_of_the_feed_is_an_error(feeds: Feeds) -> None:
    sizes = {1: 1, 2: 3, 4: 0}
    server = feeds.serve(
        lambda p, _: feeds.page(p, [feeds.row()] * sizes[p], 4) if p in sizes else feeds.reply(404)
    )
    assert "page 3: is missing in the middle: page 4 exists" in str(failure(FeedInconsistent, server.url))


@pytest.mark.parametrize(
    ("total_count", "detail"),
    [
        (5, "page 2: the feed ends after 4 rows, but totalCount is 5"),
        (3, "page 2: 4 rows so far are more than totalCount 3"),
    ],
)
def test_rows_other_than_total_count_are_an_error(feeds: Feeds, total_count: int, detail: str) -> None:
    server = feeds.serve(
        lambda p, _: feeds.page(p, [feeds.row()] * 2, total_count) if p < 3 else feeds.reply(404)
    )
    assert detail in str(failure(FeedInconsistent, server.url))


def test_a_feed_whose_total_count_changes_is_read_again(feeds: Feeds) -> None:
    before = [feeds.row(Amount="1")] * 4
    after = [feeds.row(Amount="2")] * 5

    def script(page: int, n: int) -> Any:
        rows = before if (page, n) == (1, 1) else after
        return feeds.paged(rows, 2)(page, n)

    server = feeds.serve(script)
    answer, proof = total(server.url)
    assert (answer, proof.rows) == ("10.00", 5)


def test_a_total_count_that_always_changes_is_an_error(feeds: Feeds) -> None:
    server = feeds.serve(
        lambda p, n: feeds.page(p, [feeds.row()] * 2, 100 * n + p) if p < 9 else feeds.reply(404)
    )
    error = failure(FeedInconsistent, server.url)
    assert "page 2: totalCount is" in str(error)
    assert str(error).endswith("(the last of 3 attempts)")


def test_a_feed_that_changes_with_the_same_count_is_read_again(feeds: Feeds) -> None:
    rows = [feeds.row(Amount=str(n)) for n in range(6)]
    moved = [*rows[1:], feeds.row(Amount="100")]

    def script(page: int, n: int) -> Any:
        return feeds.paged(rows if n == 1 else moved, 2)(page, n)

    assert total(feeds.serve(script).url)[0] == "115.00"


def different(feeds: Feeds, count: int) -> list[dict[str, Any]]:
    """Rows that differ from each other."""
    return [feeds.row(Amount=str(n)) for n in range(1, count + 1)]


@pytest.mark.parametrize("size", [2, 10])
def test_a_page_that_repeats_another_is_refused(feeds: Feeds, size: int) -> None:
    rows = different(feeds, 3 * size)
    lying = [*rows[:size], *rows[size : 2 * size], *rows[:size]]
    error = failure(FeedInconsistent, feeds.serve(feeds.paged(lying, size)).url)
    assert "page 3: has the same rows as page 1; if that is correct, set allow_repeated_pages" in str(error)


def test_a_page_that_begins_with_rows_of_the_page_before_is_refused(feeds: Feeds) -> None:
    rows = different(feeds, 17)
    lying = [
        *rows[:10],
        *rows[7:17],
    ]  # as if three rows were inserted while the feed was read, and a cache kept page 1
    error = failure(FeedInconsistent, feeds.serve(feeds.paged(lying, 10)).url)
    assert "page 2: begins with the last 3 rows of the page before" in str(error)


def test_pages_that_overlap_only_once_are_read_again(feeds: Feeds) -> None:
    rows = different(feeds, 20)
    stale = [*rows[:10], *rows[7:17]]
    server = feeds.serve(lambda page, n: feeds.paged(stale if n == 1 else rows, 10)(page, n))
    assert total(server.url)[0] == "210.00"


def test_pages_may_repeat_rows_with_the_setting(feeds: Feeds) -> None:
    rows = [*different(feeds, 4), *different(feeds, 4)]
    assert total(feeds.serve(feeds.paged(rows, 4)).url, allow_repeated_pages=True)[0] == "20.00"


@pytest.mark.parametrize("size", [1, 3, 7])
def test_equal_rows_are_accepted(feeds: Feeds, size: int) -> None:
    ride, coffee = feeds.row(Amount="1"), feeds.row(Amount="2")
    rows = [feeds.row()] * size * 2 + [ride, coffee, ride, coffee, ride] + [feeds.row()] * size * 2
    assert total(feeds.serve(feeds.paged(rows, size)).url)[1].rows == len(rows)


def test_rows_of_a_discarded_attempt_are_not_counted(feeds: Feeds) -> None:
    server = feeds.serve(lambda p, n: feeds.reply(404) if (p, n) == (3, 1) else feeds.sample_script(p, n))
    assert total(server.url)[0] == TOTAL_OF_SAMPLE


@pytest.mark.parametrize("rows_on_page_1", [1, 0])
def test_pages_over_the_limit_are_not_requested(feeds: Feeds, rows_on_page_1: int) -> None:
    server = feeds.serve(lambda p, _: feeds.page(p, [feeds.row()] * rows_on_page_1, 11))
    error = failure(FeedInvalid, server.url, max_pages=10)
    assert "means 11 pages; at most 10 are read" in str(error)
    assert server.asked == [1]


def test_pages_that_are_too_large_together_are_an_error(feeds: Feeds) -> None:
    rows = [feeds.row(Amount=str(n)) for n in range(100)]
    server = feeds.serve(feeds.paged(rows, 10))
    error = failure(FeedInvalid, server.url, max_bytes=4000, window=1)
    assert "page 5: its pages are larger than 4000 bytes together" in str(error)


def test_a_feed_that_never_ends_is_an_error(feeds: Feeds) -> None:
    server = feeds.serve(lambda p, _: feeds.page(p, [], 0))
    assert "has more than 10 pages" in str(failure(FeedInvalid, server.url, max_pages=10))


def test_a_consumer_that_stops_early_gets_no_proof(feeds: Feeds) -> None:
    async def first_page(attempt: Attempt) -> int:
        async for page in attempt:
            return page.number
        return 0

    with pytest.raises(RuntimeError, match="has no proof"):
        asyncio.run(read_feed(make_feed(str(feeds.sample)), first_page))


# Directories


def test_a_missing_directory_is_unreachable(tmp_path: Path) -> None:
    assert "there is no such directory" in str(failure(FeedUnreachable, str(tmp_path / "none")))


def test_a_file_missing_in_the_middle_is_an_error(feeds: Feeds, tmp_path: Path) -> None:
    for number in (1, 2, 4):
        (tmp_path / f"{number}.json").write_bytes((feeds.sample / f"{number}.json").read_bytes())
    assert "page 3: is missing in the middle: page 4 exists" in str(failure(FeedInconsistent, str(tmp_path)))


def test_an_inconsistent_directory_is_not_read_again(
    feeds: Feeds, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "1.json").write_bytes(feeds.body(1, [feeds.row()], 2))
    error = failure(FeedInconsistent, str(tmp_path))
    assert str(error) == "feed main, page 1: the feed ends after 1 rows, but totalCount is 2"
    assert caplog.messages == []


def test_a_file_that_cannot_be_read_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "1.json").mkdir()
    assert "Is a directory" in str(failure(FeedUnreachable, str(tmp_path)))


def test_a_file_over_the_limit_is_refused(feeds: Feeds) -> None:
    assert "larger than 10 bytes" in str(failure(FeedInvalid, str(feeds.sample), max_page_bytes=10))


def test_a_pipe_instead_of_a_page_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "1.json")
    assert "is a pipe" in str(failure(FeedInvalid, str(tmp_path)))
