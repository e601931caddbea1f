"""A progress bar for whoever watches."""

import sys
from collections.abc import AsyncIterator

from balances.reading import Attempt
from balances.transaction import Page


async def watched(attempt: Attempt) -> AsyncIterator[Page]:
    """The pages of an attempt, with a bar on standard error where that is a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        async for page in attempt:
            yield page
        return
    from tqdm import tqdm  # noqa: PLC0415  most runs show none

    with tqdm(unit="page", leave=False, file=sys.stderr) as bar:
        async for page in attempt:
            bar.total = attempt.expected_pages
            bar.update()
            yield page
