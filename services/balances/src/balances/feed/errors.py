"""Errors of reading a feed: each names the feed and, where known, the page, the row and the field."""

from typing import NamedTuple

from balances.errors import BalancesError

LONGEST_VALUE = 60
"""Maximum number of characters of an invalid value in a message."""


class Place(NamedTuple):
    """A place in a feed: pages and rows are counted from 1, and fields have the feed's names."""

    page: int | None = None
    row: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        """For example `page 3, row 4, field Amount`."""
        parts = (("page", self.page), ("row", self.row), ("field", self.field))
        return ", ".join(f"{name} {value}" for name, value in parts if value is not None)


NOWHERE = Place()


class FeedError(BalancesError):
    """A feed could not be read."""

    def __init__(self, feed: str, detail: str, place: Place = NOWHERE) -> None:
        super().__init__(", ".join(filter(None, (f"feed {feed}", str(place)))) + f": {detail}")
        self.feed = feed
        self.detail = detail
        self.place = place


class FeedUnreachable(FeedError):
    """The feed gave no response, or not in time."""


class FeedInvalid(FeedError):
    """The feed gave a response, but it is not a valid feed."""


class FeedInconsistent(FeedInvalid):
    """The feed's pages contradict each other, for example because the feed changed while it was read."""


def shortened(value: object) -> str:
    """The value as Python writes it, cut to a length that fits into a message."""
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
