"""The operations under /v1."""

import math

import msgspec
from msgspec import UNSET
from starlette.requests import Request
from starlette.responses import Response

from balances import permissions
from balances.api.feed_parameter import ByFeedName, FeedQuery, requested_feed
from balances.api.list_pages import get_page, list_operation
from balances.api.lists import (
    CATEGORIES,
    DAYS,
    POSSIBLE_DUPLICATES,
    TRANSACTIONS,
    VENDORS,
    CategoriesQuery,
    DatesQuery,
    DaysQuery,
    ListQuery,
    TransactionsQuery,
    VendorsQuery,
)
from balances.api.responses import FeedStates
from balances.feed.errors import FeedInconsistent, FeedInvalid, FeedUnreachable
from balances.store.lease import RefreshRefused, RefreshTooSoon
from balances.store.snapshots import FeedState, Snapshot, current_snapshot, feed_states
from chassis.errors import BadUpstream, FieldError, Invalid, NotFound, Unavailable
from chassis.web import problem
from chassis.web.conditional import IF_NONE_MATCH, respond_conditionally
from chassis.web.operations import Operation

RETRY_AFTER_SECONDS = 10
"""The shortest Retry-After of the response if a feed is unreachable."""


async def get_total(request: Request, query: FeedQuery) -> Response:
    """`GET /v1/balances/total`."""
    feed = requested_feed(request, query.feed)
    snapshot = await current_snapshot(request.state.database, feed.name)
    return respond_conditionally(request, msgspec.json.encode(snapshot))


async def list_days(request: Request, query: DaysQuery) -> Response:
    """`GET /v1/balances/daily`: the balances are those of all transactions, whichever days are shown."""
    require_order(query)
    return await get_page(request, DAYS, query)


async def list_transactions(request: Request, query: TransactionsQuery) -> Response:
    """`GET /v1/transactions`."""
    require_order(query)
    return await get_page(request, TRANSACTIONS, query)


async def list_categories(request: Request, query: CategoriesQuery) -> Response:
    """`GET /v1/categories`."""
    return await get_page(request, CATEGORIES, query)


async def list_vendors(request: Request, query: VendorsQuery) -> Response:
    """`GET /v1/vendors`."""
    return await get_page(request, VENDORS, query)


async def list_repeats(request: Request, query: ListQuery) -> Response:
    """`GET /v1/repeats`: possible duplicates, in the order of their first occurrences."""
    return await get_page(request, POSSIBLE_DUPLICATES, query)


async def list_feeds(request: Request) -> Response:
    """`GET /v1/feeds`."""
    states = await feed_states(request.state.database, list(request.state.feeds))
    return respond_conditionally(request, msgspec.json.encode(FeedStates(states)))


async def post_refresh(request: Request, query: FeedQuery) -> Response:
    """`POST /v1/refresh`: the response is sent when the feed has been read."""
    feed = requested_feed(request, query.feed)
    try:
        await request.state.refreshes.refresh(feed)
    except RefreshRefused as error:
        return _refused(error)
    except FeedUnreachable as error:
        raise Unavailable(str(error), retry_after=max(RETRY_AFTER_SECONDS, int(feed.min_interval))) from error
    except FeedInvalid as error:
        raise _bad_feed(error) from error
    snapshot = await current_snapshot(request.state.database, feed.name)
    return respond_conditionally(request, msgspec.json.encode(snapshot))


async def start_refresh(request: Request, path: ByFeedName) -> Response:
    """`POST /v1/feeds/{feed}:refresh`: the response is sent at once, while the feed is read."""
    feed = request.state.feeds.get(path.feed)
    if feed is None:
        raise NotFound(f"There is no feed {path.feed!r}. GET /v1/feeds lists the feeds.")
    try:
        await request.state.refreshes.start(feed)
    except RefreshRefused as error:
        return _refused(error)
    (state,) = await feed_states(request.state.database, [feed.name])
    return respond_conditionally(request, msgspec.json.encode(state), status=202)


def _refused(error: RefreshRefused) -> Response:
    status = 429 if isinstance(error, RefreshTooSoon) else 409
    headers = {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
    return problem.respond(status, str(error), headers=headers)


def require_order(query: DatesQuery) -> None:
    """Check the dates of a query.

    Raises:
        Invalid: the first date is after the last.
    """
    if query.since is not UNSET and query.until is not UNSET and query.since > query.until:
        detail = f"'from' ({query.since}) is after 'to' ({query.until}). Exchange the two dates."
        raise Invalid(detail, [FieldError("from", "order", detail)])


def _bad_feed(error: FeedInvalid) -> BadUpstream:
    page, row, field = error.place
    pointer = f"/transactions/{row - 1}" if row is not None else ""
    pointer += f"/{field}" if field is not None else ""
    code = "inconsistent" if isinstance(error, FeedInconsistent) else "invalid"
    return BadUpstream(str(error), [FieldError(pointer, code, f"page {page}: {error.detail}")])


OPERATIONS = [
    Operation(
        method="GET",
        path="/v1/balances/total",
        endpoint=get_total,
        summary="Read the total",
        needs=permissions.BALANCES.to("get"),
        query_type=FeedQuery,
        returns=Snapshot,
        errors=(422, 503),
        headers=IF_NONE_MATCH,
    ),
    list_operation(DAYS, list_days),
    list_operation(TRANSACTIONS, list_transactions),
    list_operation(CATEGORIES, list_categories),
    list_operation(VENDORS, list_vendors),
    list_operation(POSSIBLE_DUPLICATES, list_repeats),
    Operation(
        method="GET",
        path="/v1/feeds",
        endpoint=list_feeds,
        summary="List feeds, with their refreshes",
        needs=permissions.FEEDS.to("list"),
        description="Each has its snapshot, the result of its last refresh, and the refresh under way.",
        returns=FeedStates,
        errors=(503,),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="POST",
        path="/v1/feeds/{feed}:refresh",
        endpoint=start_refresh,
        summary="Start to read a feed",
        needs=permissions.FEEDS.to("refresh"),
        description="It is not read if that was done a short time ago. `GET /v1/feeds` shows progress and result.",
        path_type=ByFeedName,
        returns=FeedState,
        status=202,
        errors=(404, 409, 429, 503),
    ),
    Operation(
        method="POST",
        path="/v1/refresh",
        endpoint=post_refresh,
        summary="Read a feed, and wait for its end",
        needs=permissions.FEEDS.to("refresh"),
        description="It is not read if that was done a short time ago.",
        query_type=FeedQuery,
        returns=Snapshot,
        errors=(409, 422, 429, 502, 503),
    ),
]
