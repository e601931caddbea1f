"""The pages of the feeds: their snapshots, the results of the last refreshes, and the button that reads a feed."""

import datetime as dt
import math
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from balances import permissions
from balances.feed.settings import Feed
from balances.pages.feed_age import is_old
from balances.pages.feed_choice import choice_of, choose_feed
from balances.pages.refresh_results import RESULTS
from balances.pages.snapshot_page import SHOWS, render_for_feed
from balances.store.lease import RefreshRefused, RefreshTooSoon
from balances.store.snapshots import FeedState, feed_states
from chassis.errors import NotFound
from chassis.pages.csv_stream import Rows, respond_csv
from chassis.pages.messages import redirect
from chassis.pages.rendering import render, render_fragment
from chassis.pages.times import length
from chassis.web.operations import Operation, page

PATH = "/ui/feeds"

COLUMNS = [
    *("feed", "currency", "total", "rows", "pages", "digest", "fetched_at"),
    *("last_refresh", "finished_at", "seconds", "detail"),
]


class ByFeed(msgspec.Struct, frozen=True):
    """The path of a page about one feed."""

    feed: Annotated[str, Meta(max_length=100)]


async def show_feeds(request: Request) -> Response:
    """`GET /ui/feeds`."""
    if not request.state.feeds:
        return render(request, "balances/no_feed.html", title="Feeds")
    choice = choose_feed(request)
    states = await feed_states(request.state.database, choice.names)
    return render_for_feed(
        request, choice, "balances/feeds.html", states=states, results=RESULTS, is_old=is_old
    )


async def download_feeds(request: Request) -> Response:
    """`GET /ui/feeds.csv`."""
    states = await feed_states(request.state.database, list(request.state.feeds))

    async def all_rows(_: str | None) -> tuple[Rows, None]:
        return [_cells(state) for state in states], None

    return await respond_csv("feeds", COLUMNS, all_rows)


async def show_feed(request: Request, path: ByFeed) -> Response:
    """`GET /ui/feeds/{feed}`."""
    return render(request, "balances/feed.html", **await _context(request, path))


async def show_feed_state(request: Request, path: ByFeed) -> Response:
    """`GET /ui/feeds/{feed}/state`: the part of the feed's page that stays up to date."""
    return render_fragment(request, "balances/feed_state.html", **await _context(request, path))


async def refresh_feed(request: Request, path: ByFeed) -> Response:
    """`POST /ui/feeds/{feed}/refresh`: starts a refresh, unless one is under way or began a short time ago."""
    feed = _configured(request, path)
    message = ""
    try:
        await request.state.refreshes.start(feed)
    except RefreshTooSoon as error:
        wait = length(dt.timedelta(seconds=max(1, math.ceil(error.retry_after))))
        message = f"The last refresh began a short time ago. The feed can be read again in {wait}."
    except RefreshRefused:
        message = "The feed is being read already."
    return redirect(request, f"{PATH}/{feed.name}", message)


def _configured(request: Request, path: ByFeed) -> Feed:
    feed: Feed | None = request.state.feeds.get(path.feed)
    if feed is None:
        raise NotFound(f"There is no feed with the name {path.feed!r}.")
    return feed


async def _context(request: Request, path: ByFeed) -> dict[str, Any]:
    """What the page of a feed shows."""
    feed = _configured(request, path)
    (state,) = await feed_states(request.state.database, [feed.name])
    return {
        "feed": feed.name,
        "kept_query": choice_of(request, feed).query,
        "pause": length(dt.timedelta(seconds=feed.min_interval)) if feed.min_interval >= 1 else "",
        "state": state,
        "results": RESULTS,
        "is_old": state.snapshot is not None and is_old(state.snapshot),
    }


def _cells(state: FeedState) -> list[object]:
    snapshot, last = state.snapshot, state.last_refresh
    cells: list[object] = [state.feed]
    if snapshot is None:
        cells += [None] * 6
    else:
        proof = snapshot.proof
        cells += [snapshot.currency, snapshot.total, proof.rows, proof.pages, proof.digest]
        cells += [proof.fetched_at.isoformat()]
    if last is None:
        return cells + [None] * 4
    return [*cells, last.outcome, last.finished_at.isoformat(), last.seconds, last.detail]


PAGES: list[Operation] = [
    page(PATH, show_feeds, "The feeds", permissions.FEEDS.to("list"), shows=SHOWS),
    page(f"{PATH}.csv", download_feeds, "The feeds as CSV", permissions.FEEDS.to("list")),
    page(f"{PATH}/{{feed}}", show_feed, "A feed", permissions.FEEDS.to("get"), path_type=ByFeed, shows=SHOWS),
    page(
        f"{PATH}/{{feed}}/state",
        show_feed_state,
        "The state of a feed",
        permissions.FEEDS.to("get"),
        path_type=ByFeed,
        shows=SHOWS,
    ),
    page(
        f"{PATH}/{{feed}}/refresh",
        refresh_feed,
        "Read a feed",
        permissions.FEEDS.to("refresh"),
        method="POST",
        path_type=ByFeed,
    ),
]
