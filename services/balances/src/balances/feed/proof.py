"""The proof that a feed was read completely."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta


class Proof(msgspec.Struct, frozen=True):
    """Evidence that a feed was read completely."""

    feed: Annotated[str, Meta(description="Name of the feed", examples=["bank"])]
    pages: Annotated[int, Meta(description="Number of pages that were read", examples=[4])]
    rows: Annotated[int, Meta(description="Number of rows on all pages", examples=[38])]
    total_count: Annotated[
        int, Meta(description="Number of rows that the feed says it has; the same as `rows`", examples=[38])
    ]
    digest: Annotated[
        str,
        Meta(
            description="SHA-256 of the canonical text of all rows, in order",
            examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        ),
    ]
    fetched_at: Annotated[datetime, Meta(tz=True, description="When the attempt at reading the feed began")]
    complete: Annotated[bool, Meta(description="Always true: an incomplete reading is discarded")] = True
