"""A progress bar for whoever watches."""

import sys
from collections.abc import Callable

from balances.feed.attempt import Attempt
from balances.ledger.transaction import Page


async def watched(attempt: Attempt, take: Callable[[Page], object]) -> None:
    """Give each page to `take`, with a bar on standard error where that is a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        async for _ in attempt.through(take):
            pass
        return
    from tqdm import tqdm  # noqa: PLC0415  most runs show none

    with tqdm(unit="page", leave=False, file=sys.stderr) as bar:
        async for _ in attempt.through(take):
            bar.total = attempt.expected_pages
            bar.update()
