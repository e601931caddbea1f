"""One page of a list, for any list that `lists` describes."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from balances.api.feed_parameter import requested_feed
from balances.api.lists import ListDescription, ListQuery
from balances.api.responses import FilteredListing, Listing
from balances.store.lists import ListItems, list_items
from balances.store.snapshots import Snapshot
from chassis.errors import Conflict
from chassis.web.conditional import IF_NONE_MATCH, respond_conditionally
from chassis.web.operations import Endpoint, Operation
from chassis.web.pagination import Walk


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ends: the digest of the snapshot that it belongs to, and the position of its last item."""

    digest: str = ""
    position: Annotated[int, Meta(ge=0, le=2**53)] = 0


def list_operation(described: ListDescription, endpoint: Endpoint) -> Operation:
    """The operation `GET` of a list."""
    return Operation(
        method="GET",
        path=described.path,
        endpoint=endpoint,
        summary=described.summary,
        needs=described.needs,
        query_type=described.query,
        returns=described.page,
        errors=(400, 409, 422, 503),
        headers=IF_NONE_MATCH,
    )


async def get_page(request: Request, described: ListDescription, query: ListQuery) -> Response:
    """The response with one page of a list; see `read_page` for its errors."""
    return respond_conditionally(request, await read_page(request, described, query))


async def read_page(request: Request, described: ListDescription, query: ListQuery) -> bytes:
    """The JSON of one page of a list.

    Raises:
        Malformed: the cursor is invalid.
        Invalid: there is no feed with that name.
        Unavailable: the feed has no snapshot yet.
        Conflict: the snapshot has changed since the cursor was given out.
    """
    walk = Walk(described.name, query, Cursor, Cursor())
    feed = requested_feed(request, query.feed)
    options = _without_blank_search(walk.filters)
    found = await list_items(
        request.state.database,
        described.statement,
        feed.name,
        walk.after.position or None,
        walk.rows,
        options,
    )
    digest = found.snapshot.proof.digest
    if query.cursor is not UNSET and walk.after.digest != digest:
        raise Conflict(
            "The feed has changed since the previous page. Request the list again from its first page."
        )
    shown = found.items[: walk.limit]
    more = len(found.items) > walk.limit
    following = walk.cursor(Cursor(digest, shown[-1][0])) if more else UNSET
    items = [item for _, item in shown]
    count = found.filtered_count if query.count else UNSET
    if _is_filtered(options):
        return _filtered_page(found, count, items, following)
    return _page(found.snapshot, count, items, following)


def _without_blank_search(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options with the text to search for, without spaces around it; None if nothing is left."""
    return {**options, "q": (options.get("q") or "").strip() or None}


def _is_filtered(options: Mapping[str, Any]) -> bool:
    others = ("feed", "sort", "count")
    return any(value is not None for name, value in options.items() if name not in others)


def _page(
    snapshot: Snapshot, count: int | UnsetType, items: Sequence[msgspec.Raw], following: str | UnsetType
) -> bytes:
    page: Listing[Any] = Listing(
        feed=snapshot.feed,
        currency=snapshot.currency,
        pending_transactions=snapshot.pending_transactions,
        pending_total=snapshot.pending_total,
        proof=snapshot.proof,
        total=snapshot.total,
        total_if_repeats_removed=snapshot.total_if_repeats_removed,
        count=count,
        items=items,
        next=following,
    )
    return msgspec.json.encode(page)


def _filtered_page(
    found: ListItems, count: int | UnsetType, items: Sequence[msgspec.Raw], following: str | UnsetType
) -> bytes:
    """A page with the total of the items that match the filters and the total of the feed, each with its own name."""
    snapshot = found.snapshot
    page: FilteredListing[Any] = FilteredListing(
        feed=snapshot.feed,
        currency=snapshot.currency,
        pending_transactions=snapshot.pending_transactions,
        pending_total=snapshot.pending_total,
        proof=snapshot.proof,
        filtered_total=found.filtered_total,
        feed_total=snapshot.total,
        count=count,
        items=items,
        next=following,
    )
    return msgspec.json.encode(page)
