"""Types of the values that clients send and receive, with their limits and descriptions. Text has a maximum length."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from chassis.validation.patterns import NOT_BLANK, TEXT

GREATEST_ID = 2_147_483_647
"""Greatest `integer` of PostgreSQL."""

GREATEST_NUMBER = 2**63 - 1
"""Greatest `bigint` of PostgreSQL."""

Id = Annotated[int, Meta(ge=1, le=GREATEST_ID)]
Name = Annotated[str, Meta(max_length=200, pattern=NOT_BLANK)]
Line = Annotated[str, Meta(max_length=200, pattern=TEXT)]
Address = Annotated[str, Meta(max_length=1000, pattern=TEXT)]
Text = Annotated[str, Meta(max_length=10_000, pattern=TEXT)]

OwnId = Annotated[
    Id, Meta(description="Id, which the service chooses when the row is created and never changes")
]
SiteId = Annotated[Id, Meta(description="Id of the site where it is")]
Time = Annotated[datetime, Meta(tz=True)]
CreatedAt = Annotated[Time, Meta(description="When it was created, in UTC")]
UpdatedAt = Annotated[Time, Meta(description="When one of its fields was last changed, in UTC")]


class ById(msgspec.Struct, frozen=True):
    """The path of one row, by its id."""

    id: Annotated[Id, Meta(description="Id of the row")]
