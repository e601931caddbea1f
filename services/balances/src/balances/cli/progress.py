"""A progress bar on a terminal."""

import sys
from collections.abc import Callable

from balances.feed.attempt import Attempt
from balances.ledger.transaction_page import TransactionPage


async def with_progress(attempt: Attempt, process: Callable[[TransactionPage], object]) -> None:
    """Call `process` with each page, with a progress bar if standard error is a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        async for _ in attempt.through(process):
            pass
        return
    from tqdm import tqdm  # noqa: PLC0415  most runs show no progress bar

    with tqdm(unit="page", leave=False, file=sys.stderr) as bar:
        async for _ in attempt.through(process):
            bar.total = attempt.expected_pages
            bar.update()
