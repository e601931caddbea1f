"""The proof that a feed was read completely."""

from datetime import datetime

import msgspec


class Proof(msgspec.Struct, frozen=True):
    """Evidence that a feed was read completely; `digest` is the SHA-256 of the canonical text of all rows, in order."""

    feed: str
    pages: int
    rows: int
    total_count: int
    digest: str
    fetched_at: datetime
    """When the attempt at reading the feed began."""
    complete: bool = True
