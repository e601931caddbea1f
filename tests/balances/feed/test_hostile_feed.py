"""Whatever a feed responds, the result is the correct total or a FeedError that names the feed."""

import asyncio
import gzip
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.balances.feed_server import Feeds, Hostile

from balances.feed.attempt import Attempt
from balances.feed.errors import FeedError, FeedInvalid, FeedUnreachable
from balances.feed.read_feed import read_feed
from balances.feed.settings import make_feed
from balances.ledger.daily_balances import DailyBalances

TOTAL_OF_SAMPLE = 1837716


def total(url: str, **settings: Any) -> int:
    """Read a feed, and add up its transactions, in cents."""

    async def add_up(attempt: Attempt) -> int:
        balances = DailyBalances()
        async for page in attempt:
            balances.add(page.transactions)
        return balances.total

    answer, _ = asyncio.run(read_feed(make_feed(url, name="main", **settings), add_up))
    return answer


def failure(kind: type[FeedError], url: str, **settings: Any) -> str:
    """The message of the error of reading a feed that cannot be read."""
    with pytest.raises(kind) as caught:
        total(url, **settings)
    assert str(caught.value).startswith("feed main")
    return str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        "Fri, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Fri, 01 Jan 9999 23:59:59 -9999",
        "Fri, 01 Jan 0001 00:00:00 +9999",
        "Fri, 01 Jan 2038 00:00:00 +99999999999999",
        "1" * 5000,
    ],
)
def test_a_retry_after_with_an_impossible_date_is_ignored(feeds: Feeds, value: str) -> None:
    fault = feeds.reply(503, headers=(("Retry-After", value),))
    server = feeds.serve(lambda p, n: fault if (p, n) == (2, 1) else feeds.sample_script(p, n))
    try:
        assert total(server.url) == TOTAL_OF_SAMPLE
    except FeedUnreachable as error:
        assert "more than the" in str(error)  # noqa: PT017  it may be a time that nobody can wait for


@pytest.mark.parametrize(
    "location", ["data:x", "http://[::1", "http://a b/", "http://\x7f/", "//", "http://h:99999/"]
)
def test_an_invalid_location_is_an_error_of_the_feed(feeds: Feeds, location: str) -> None:
    server = feeds.serve(lambda *_: feeds.reply(302, headers=(("Location", location),)))
    assert "page 1" in failure(FeedInvalid, server.url, attempts=1, deadline=5)


def test_cookies_are_neither_read_nor_sent_back(feeds: Feeds) -> None:
    headers = (("Set-Cookie", "caf\xe9=\xff; Path=/"), ("Set-Cookie", "a=b"))
    server = feeds.serve(lambda p, n: feeds.sample_script(p, n)._replace(headers=headers))
    assert total(server.url) == TOTAL_OF_SAMPLE
    assert not any(name.lower() == "cookie" for request in server.requests for name in request)


def test_requests_ask_caches_for_a_fresh_copy(feeds: Feeds) -> None:
    server = feeds.serve(feeds.sample_script)
    assert total(server.url) == TOTAL_OF_SAMPLE
    assert {request["cache-control"] for request in server.requests} == {"no-cache"}


# Content codings


def zipped(feeds: Feeds, change: Any) -> Any:
    """The address of the sample feed with each body changed by `change`, and declared as gzip."""

    def script(page: int, n: int) -> Any:
        reply = feeds.sample_script(page, n)
        if reply.status != 200:
            return reply
        return reply._replace(body=change(reply.body), headers=(("Content-Encoding", "gzip"),))

    return feeds.serve(script).url


def test_gzip_in_several_members_is_read(feeds: Feeds) -> None:
    url = zipped(
        feeds, lambda body: gzip.compress(body[:100]) + gzip.compress(b"") + gzip.compress(body[100:])
    )
    assert total(url) == TOTAL_OF_SAMPLE


@pytest.mark.parametrize("junk", [b"junk", b"\0", b"\x1f\x8b", b"\x1f"])
def test_other_data_after_a_gzip_member_is_refused(feeds: Feeds, junk: bytes) -> None:
    url = zipped(feeds, lambda body: gzip.compress(body) + junk)
    message = failure(FeedError, url, attempts=1)
    assert "gzip" in message or "ended early" in message


def test_many_gzip_members_are_limited_by_their_inflated_size(feeds: Feeds) -> None:
    url = zipped(feeds, lambda _: gzip.compress(b" " * 100_000) * 100)
    assert "the page is larger than 1048576 bytes" in failure(FeedInvalid, url, max_page_bytes=2**20)


@pytest.mark.parametrize("cut", [1, 100, 1400, -1])
def test_a_page_that_ends_too_early_is_retried(feeds: Feeds, cut: int) -> None:
    def script(page: int, n: int) -> Any:
        reply = feeds.sample_script(page, n)
        return reply._replace(body=reply.body.rstrip()[:cut]) if (page, n) == (2, 1) else reply

    server = feeds.serve(script)
    assert total(server.url) == TOTAL_OF_SAMPLE
    assert server.asked.count(2) == 2


def test_a_page_that_always_ends_too_early_is_unreachable(feeds: Feeds) -> None:
    server = feeds.serve(lambda *_: feeds.reply(body=b'{"totalCount": 38, "page"'))
    message = failure(FeedUnreachable, server.url, attempts=2, deadline=2)
    assert "page 1: the page ends in the middle of its JSON, after 2 attempts" in message


# Any headers

NASTY = {
    "Retry-After": ["0", "-1", "9" * 400, "Fri, 01 Jan 99999 00:00:00 +999999", "Fri, 1 Jan 1 0:0:0 +9999"],
    "Location": [
        "data:x",
        "//",
        "http://[",
        "/feed/1.json",
        "http://a b",
        "\xff",
        "http://\x01/",
        "ftp:",
        "?" * 70_000,
    ],
    "Set-Cookie": [
        "\xff=\xff",
        "a=b; Expires=Fri, 01 Jan 99999 00:00:00 GMT",
        "=",
        "a=b; Max-Age=" + "9" * 5000,
    ],
    "Content-Encoding": ["gzip", "gzip, gzip", "br", "\xff", ""],
    "Content-Length": ["-1", "0", "5", "9" * 30, "1, 2", "x"],
    "Transfer-Encoding": ["chunked", "gzip", "chunked, chunked", "\xff"],
    "Content-Type": ["text/html; charset=\xff", "application/json; charset=utf-7"],
    "Connection": ["close", "upgrade"],
    "X": ["a" * 20_000, ""],
}
texts = st.binary(max_size=40).map(lambda raw: raw.decode("latin-1").replace("\n", "").replace("\r", ""))
headers = st.sampled_from(sorted(NASTY)).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(NASTY[name]) | texts)
)
STATUSES = [200, 302, 503, 204, 301, 304, 307, 401, 404, 407, 421, 429, 500, 999]


def read_or_refused(hostile: Hostile, status: int, *headers: tuple[str, str]) -> None:
    """Read the feed; the result must be the correct total or a FeedError."""
    hostile.status, hostile.headers = status, headers
    try:
        assert total(hostile.url, attempts=1, deadline=5, read_timeout=0.3) == TOTAL_OF_SAMPLE
    except FeedError as error:
        assert str(error).startswith("feed main")  # noqa: PT017  either is right


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("status", [200, 302, 503])
def test_any_header_causes_an_error_of_the_feed_or_none(hostile: Hostile, status: int, name: str) -> None:
    for value in NASTY[name]:
        read_or_refused(hostile, status, (name, value))


@given(st.sampled_from(STATUSES), st.lists(headers, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_headers_together_cause_an_error_of_the_feed_or_none(
    hostile: Hostile, status: int, several: list[tuple[str, str]]
) -> None:
    read_or_refused(hostile, status, *several)
