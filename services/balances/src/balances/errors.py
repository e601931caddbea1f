"""What can go wrong, as one hierarchy.

BalancesError
  UsageError           an option or setting makes no sense
  AmountError          a text is not an exact amount
  FeedError            names feed, page, row and field
    FeedUnreachable    no answer, or none in time: trying later may help
    FeedInvalid        it answered, but not with what a feed must be
      FeedInconsistent   its pages contradict each other: reading again may help
"""

from collections.abc import Mapping
from typing import NamedTuple

LONGEST_VALUE = 60


class BalancesError(Exception):
    """The root; its text says what is wrong, where, and what to do."""


class UsageError(BalancesError):
    """An option or setting makes no sense."""


class AmountError(BalancesError):
    """A text is not an exact amount in the currency."""


class Place(NamedTuple):
    """Where in a feed: pages and rows count from 1, fields have the feed's names."""

    page: int | None = None
    row: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        """Such as `page 3, row 4, field Amount`."""
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
    """The feed gave no answer, or none in time."""


class FeedInvalid(FeedError):
    """The feed answered, but not with what a feed must be."""


class FeedInconsistent(FeedInvalid):
    """The feed's pages contradict each other, as when it changes while it is read."""


def exit_status(error: BalancesError) -> int:
    """What a command ends with that failed so."""
    return next(status for kind, status in EXIT_STATUS.items() if isinstance(error, kind))


EXIT_STATUS: Mapping[type[BalancesError], int] = {UsageError: 2, FeedUnreachable: 3, FeedInvalid: 4}


def shortened(value: object) -> str:
    """The value as Python writes it, cut to a length that a message can bear."""
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
