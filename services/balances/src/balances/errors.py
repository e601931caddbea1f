"""The errors that every package of balances can raise; each package adds its own.

BalancesError
  UsageError           an option or a setting is invalid
  AmountError          ledger.money: a text is not an exact amount
  FeedError            feed.errors: a feed could not be read
    FeedUnreachable    there was no response, or not in time: a later attempt may succeed
    FeedInvalid        there was a response, but it is not a valid feed
      FeedInconsistent   the pages contradict each other: another attempt may succeed
  RefreshRefused       store.lease: the feed may not be read now
    RefreshUnderWay    another refresh of the feed has not ended
    RefreshTooSoon     the last refresh began less than `min_interval` ago
"""


class BalancesError(Exception):
    """Base class of all errors; the text says what is wrong, where, and what to do about it."""


class UsageError(BalancesError):
    """An option or a setting is invalid."""
