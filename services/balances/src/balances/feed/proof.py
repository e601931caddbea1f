"""The proof that a feed was read completely."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta


class Proof(msgspec.Struct, frozen=True):
    """Evidence that a feed was read completely."""

    feed: Annotated[str, Meta(description="Name of the feed")]
    pages: Annotated[int, Meta(description="Number of pages that were read")]
    rows: Annotated[int, Meta(description="Number of rows that were read, pending transactions included")]
    total_count: Annotated[
        int,
        Meta(
            description="Number of rows of the feed, as its pages state it (`totalCount`). Always equal to `rows`"
        ),
    ]
    digest: Annotated[
        str,
        Meta(
            description="SHA-256 of the canonical text of all rows, in order, in hexadecimal. Two snapshots with the"
            " same digest have the same rows"
        ),
    ]
    fetched_at: Annotated[datetime, Meta(description="When the attempt at reading the feed began, in UTC")]
    complete: Annotated[
        bool, Meta(description="Always true: nothing is computed from a feed that was not read completely")
    ] = True
