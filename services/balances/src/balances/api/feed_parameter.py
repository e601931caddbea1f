"""The query parameter `feed`, which all requests for a snapshot have."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request

from balances.feed.settings import Feed
from chassis.errors import FieldError, Invalid, Unavailable
from chassis.validation.patterns import TEXT

FeedParameter = Annotated[
    str, Meta(pattern=TEXT, max_length=100, description="Which feed; default: the first")
]


class FeedQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Query parameters of a request for one feed."""

    feed: FeedParameter | UnsetType = UNSET


class ByFeedName(msgspec.Struct, frozen=True):
    """Path parameters of a request for one feed."""

    feed: Annotated[str, Meta(max_length=100, description="Name of a configured feed", examples=["bank"])]


def requested_feed(request: Request, name: str | UnsetType) -> Feed:
    """The configured feed with that name, or the first one if the request names none.

    Raises:
        Unavailable: no feed is configured.
        Invalid: there is no feed with that name.
    """
    feeds: dict[str, Feed] = request.state.feeds
    if not feeds:
        raise Unavailable("No feed is configured. Set FEEDS, and start the service again.", retry_after=600)
    if name is UNSET:
        return next(iter(feeds.values()))
    if name not in feeds:
        detail = f"There is no feed {name!r}; there are: {', '.join(feeds)}."
        raise Invalid(detail, [FieldError("feed", "unknown", detail)])
    return feeds[name]
