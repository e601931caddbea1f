"""Exit statuses of the commands."""

from collections.abc import Mapping

from balances.errors import BalancesError, UsageError
from balances.feed.errors import FeedInvalid, FeedUnreachable

FAILED = 1
"""The output could not be written, or the database could not be used."""
INVALID_USAGE = 2

BY_ERROR: Mapping[type[BalancesError], int] = {UsageError: INVALID_USAGE, FeedUnreachable: 3, FeedInvalid: 4}


def exit_status(error: BalancesError) -> int:
    """The exit status of a command that failed with this error."""
    return next(status for kind, status in BY_ERROR.items() if isinstance(error, kind))
