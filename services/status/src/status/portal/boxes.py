"""The questions of the portal's boxes to the services, and their answers. Only paths under /v1 are requested."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from uuid import UUID

import msgspec

from status.portal.credential import Credential
from status.portal.services import NoAnswer, ServiceClient

MOST_FREEZERS = 6
MOST_EVENTS = 5
MOST_FEEDS = 3
"""Number of rows that a box shows."""

MOST_CLOSED = 20
"""Number of cancelled notifications among which those of the shown events are looked up."""


class FullFreezer(msgspec.Struct, frozen=True):
    """A freezer, and how many containers are in it."""

    id: int
    name: str
    site_name: str
    containers: int


class Overview(msgspec.Struct, frozen=True):
    """How many containers and freezers there are, and the fullest freezers."""

    containers: int
    freezers: int
    fullest_freezers: Sequence[FullFreezer]


class ListedEvent(msgspec.Struct, frozen=True):
    """An event. It is `NotProcessed` until its notification was delivered or the event was closed: then `Processed`."""

    id: UUID
    user_id: str
    description: str
    status: str
    created_at: dt.datetime


class EventPage(msgspec.Struct, frozen=True):
    """The newest events."""

    items: Sequence[ListedEvent]


class ListedNotification(msgspec.Struct, frozen=True):
    """The event that a notification is about."""

    event_id: UUID


class NotificationPage(msgspec.Struct, frozen=True):
    """Some notifications, and how many there are if that was asked for."""

    items: Sequence[ListedNotification]
    total: int = 0


class NewestEvents(msgspec.Struct, frozen=True):
    """The newest events, and what is known of their notifications."""

    items: Sequence[ListedEvent]
    closed: frozenset[UUID]
    """Events whose notification was cancelled."""
    undelivered: int
    """How many notifications of all events could not be delivered."""


class Proof(msgspec.Struct, frozen=True):
    """The evidence that the feed was read completely."""

    rows: int
    total_count: int
    fetched_at: dt.datetime


class Reading(msgspec.Struct, frozen=True):
    """The snapshot of a feed; amounts are decimal numbers as text."""

    currency: str
    total: str
    total_if_repeats_removed: str
    pending_transactions: int
    proof: Proof

    @property
    def has_possible_duplicates(self) -> bool:
        """Whether the total would be another one without the possible duplicates."""
        return Decimal(self.total) != Decimal(self.total_if_repeats_removed)


class LastRefresh(msgspec.Struct, frozen=True):
    """The result of the last refresh: `complete`, or why it failed."""

    outcome: str
    finished_at: dt.datetime
    detail: str


class Feed(msgspec.Struct, frozen=True):
    """A feed: its snapshot, and its last refresh."""

    feed: str
    reading: Reading | None
    last_refresh: LastRefresh | None

    @property
    def failed(self) -> bool:
        """Whether the last refresh failed."""
        return self.last_refresh is not None and self.last_refresh.outcome != "complete"


class FeedList(msgspec.Struct, frozen=True):
    """All feeds."""

    items: Sequence[Feed]


async def ask_freezers(inventory: ServiceClient, credential: Credential) -> Overview:
    """How many containers and freezers there are, and the fullest freezers.

    Raises:
        Refused: the person may not see it.
        NoAnswer: inventory gave no answer that can be used.
    """
    return await inventory.get("/v1/overview", Overview, credential)


async def ask_events(inventory: ServiceClient, credential: Credential) -> NewestEvents:
    """The newest events, and what is known of their notifications.

    Raises:
        Refused: the person may not see it.
        NoAnswer: inventory gave no answer that can be used.
    """
    notifications = "/v1/notifications?state="
    events, cancelled, dead = await asyncio.gather(
        inventory.get(f"/v1/events?limit={MOST_EVENTS}&sort=-created_at", EventPage, credential),
        inventory.get(f"{notifications}cancelled&limit={MOST_CLOSED}&sort=-id", NotificationPage, credential),
        inventory.get(f"{notifications}dead&limit=1&total=true", NotificationPage, credential),
    )
    return NewestEvents(events.items, frozenset(one.event_id for one in cancelled.items), dead.total)


async def ask_feeds(balances: ServiceClient, credential: Credential) -> FeedList:
    """The totals of all feeds.

    Raises:
        Refused: the person may not see it.
        NoAnswer: balances gave no answer that can be used.
    """
    feeds = await balances.get("/v1/feeds", FeedList, credential)
    for reading in (feed.reading for feed in feeds.items if feed.reading is not None):
        for amount in (reading.total, reading.total_if_repeats_removed):
            try:
                finite = Decimal(amount).is_finite()
            except InvalidOperation:
                finite = False
            if not finite:
                raise NoAnswer(f"{balances.title} gave an amount that is no number.")
    return feeds
