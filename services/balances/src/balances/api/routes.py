"""What the service can be asked under /v1."""

import datetime as dt
import math
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from balances.api.answers import (
    FeedStates,
    FilteredListing,
    ListedCategory,
    ListedDay,
    ListedRepeat,
    ListedTransaction,
    ListedVendor,
    Listing,
    Reading,
)
from balances.errors import FeedInconsistent, FeedInvalid, FeedUnreachable
from balances.feed.settings import Feed
from balances.store import snapshots as readings
from balances.store.lease import RefreshRefused, RefreshTooSoon
from balances.store.snapshots import SQL, Slice
from chassis.errors import BadUpstream, Conflict, FieldError, Invalid, Unavailable
from chassis.web import problem
from chassis.web.conditional import IF_NONE_MATCH, represent
from chassis.web.operations import TEXT, Operation
from chassis.web.pagination import Paging, Walk

FeedName = Annotated[str, Meta(pattern=TEXT, max_length=100, description="Which feed; default: the first")]
CategoryName = Annotated[
    str, Meta(pattern=TEXT, max_length=500, description="Only this category; empty: the one without a name")
]
From = Annotated[dt.date, Meta(description="Only from this day on")]
To = Annotated[dt.date, Meta(description="Only up to this day")]

SECONDS_UNTIL_ANOTHER = 10
"""After how long at least it is worth trying again to read a feed that could not be reached."""


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """The reading that a page is of, and the position of its last item."""

    digest: str = ""
    position: Annotated[int, Meta(ge=0, le=2**53)] = 0


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which feed."""

    feed: FeedName | UnsetType = UNSET


class ListQuery(Paging, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which feed, and which page."""

    feed: FeedName | UnsetType = UNSET


class DaysQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which days."""

    since: From | UnsetType = msgspec.field(default=UNSET, name="from")
    until: To | UnsetType = msgspec.field(default=UNSET, name="to")


class TransactionsQuery(DaysQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which transactions."""

    category: CategoryName | UnsetType = UNSET


async def get_total(request: Request, query: Query) -> Response:
    """`GET /v1/balances/total`."""
    reading = await readings.reading(request.state.database, _feed(request, query.feed).name)
    return represent(request, msgspec.json.encode(reading))


async def list_days(request: Request, query: DaysQuery) -> Response:
    """`GET /v1/balances/daily`: the balances are those of all transactions, whichever days are shown."""
    return await _list(request, "days", SQL.days, query)


async def list_transactions(request: Request, query: TransactionsQuery) -> Response:
    """`GET /v1/transactions`, in the feed's order."""
    return await _list(request, "transactions", SQL.transactions, query)


async def list_categories(request: Request, query: ListQuery) -> Response:
    """`GET /v1/categories`, by name."""
    return await _list(request, "categories", SQL.categories, query)


async def list_vendors(request: Request, query: ListQuery) -> Response:
    """`GET /v1/vendors`, by clean name."""
    return await _list(request, "vendors", SQL.vendors, query)


async def list_repeats(request: Request, query: ListQuery) -> Response:
    """`GET /v1/repeats`, by first occurrence."""
    return await _list(request, "repeats", SQL.repeats, query)


async def list_feeds(request: Request) -> Response:
    """`GET /v1/feeds`."""
    states = await readings.feeds(request.state.database, list(request.state.feeds))
    return represent(request, msgspec.json.encode(FeedStates(states)))


async def post_refresh(request: Request, query: Query) -> Response:
    """`POST /v1/refresh`: answers when the feed has been read."""
    feed = _feed(request, query.feed)
    try:
        await request.state.refreshes.refresh(feed)
    except RefreshRefused as error:
        status = 429 if isinstance(error, RefreshTooSoon) else 409
        return problem.respond(
            status, str(error), headers={"Retry-After": str(max(1, math.ceil(error.retry_after)))}
        )
    except FeedUnreachable as error:
        raise Unavailable(
            str(error), retry_after=max(SECONDS_UNTIL_ANOTHER, int(feed.min_interval))
        ) from error
    except FeedInvalid as error:
        raise _bad_feed(error) from error
    reading = await readings.reading(request.state.database, feed.name)
    return represent(request, msgspec.json.encode(reading))


def _feed(request: Request, name: str | UnsetType) -> Feed:
    feeds: dict[str, Feed] = request.state.feeds
    if not feeds:
        raise Unavailable("No feed is configured. Set FEEDS, and start the service again.", retry_after=600)
    if name is UNSET:
        return next(iter(feeds.values()))
    if name not in feeds:
        detail = f"There is no feed {name!r}; there are: {', '.join(feeds)}."
        raise Invalid(detail, [FieldError("feed", "unknown", detail)])
    return feeds[name]


async def _list(request: Request, name: str, sql: bytes, query: ListQuery) -> Response:
    walk = Walk(name, query, Cursor, Cursor())
    feed = _feed(request, query.feed)
    database = request.state.database
    found = await readings.items(database, sql, feed.name, walk.after.position, walk.rows, walk.filters)
    digest = found.reading.proof.digest
    if query.cursor is not UNSET and walk.after.digest != digest:
        raise Conflict("The feed has changed since that page. Ask again from the first page.")
    shown = found.items[: walk.limit]
    filtered = any(value is not None for name, value in walk.filters.items() if name != "feed")
    kind: Any = FilteredListing if filtered else Listing
    listing = kind(
        items=[item for _, item in shown],
        next=walk.cursor(Cursor(digest, shown[-1][0])) if len(found.items) > walk.limit else UNSET,
        **(_named_totals(found) if filtered else msgspec.structs.asdict(found.reading)),
    )
    return represent(request, msgspec.json.encode(listing))


def _named_totals(found: Slice) -> dict[str, Any]:
    """What is said of the reading beside filtered items, so that neither total is taken for the other."""
    facts = msgspec.structs.asdict(found.reading)
    del facts["total_if_repeats_removed"]
    facts["feed_total"] = facts.pop("total")
    return {**facts, "filtered_total": found.filtered_total}


def _bad_feed(error: FeedInvalid) -> BadUpstream:
    page, row, field = error.place
    pointer = f"/transactions/{row - 1}" if row is not None else ""
    pointer += f"/{field}" if field is not None else ""
    code = "inconsistent" if isinstance(error, FeedInconsistent) else "invalid"
    return BadUpstream(str(error), [FieldError(pointer, code, f"page {page}: {error.detail}")])


def _list_of(
    listing: Any, path: str, endpoint: Any, summary: str, query: type[ListQuery] = ListQuery
) -> Operation:
    return Operation(
        method="GET",
        path=path,
        endpoint=endpoint,
        summary=summary,
        query_type=query,
        returns=listing,
        errors=(400, 409, 422, 503),
        headers=IF_NONE_MATCH,
    )


OPERATIONS = [
    Operation(
        method="GET",
        path="/v1/balances/total",
        endpoint=get_total,
        summary="What all transactions come to",
        query_type=Query,
        returns=Reading,
        errors=(422, 503),
        headers=IF_NONE_MATCH,
    ),
    _list_of(
        FilteredListing[ListedDay],
        "/v1/balances/daily",
        list_days,
        "The balance at the end of each day",
        DaysQuery,
    ),
    _list_of(
        FilteredListing[ListedTransaction],
        "/v1/transactions",
        list_transactions,
        "Transactions, in the feed's order",
        TransactionsQuery,
    ),
    _list_of(Listing[ListedCategory], "/v1/categories", list_categories, "Totals by category"),
    _list_of(Listing[ListedVendor], "/v1/vendors", list_vendors, "Vendors, with clean names and totals"),
    _list_of(
        Listing[ListedRepeat], "/v1/repeats", list_repeats, "Transactions that are alike, with the evidence"
    ),
    Operation(
        method="GET",
        path="/v1/feeds",
        endpoint=list_feeds,
        summary="The configured feeds: their readings, and how the last refresh ended",
        returns=FeedStates,
        errors=(503,),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="POST",
        path="/v1/refresh",
        endpoint=post_refresh,
        summary="Read a feed now, unless it was read a short time ago; the answer comes when it has been read",
        query_type=Query,
        returns=Reading,
        errors=(409, 422, 429, 502, 503),
    ),
]
