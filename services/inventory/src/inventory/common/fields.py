"""Types of the values that clients send. Text has a maximum length."""

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
OwnId = Annotated[Id, Meta(description="Id of the object, which it gets when it is created")]
SiteId = Annotated[Id, Meta(description="Id of the site where it stands")]
Name = Annotated[str, Meta(max_length=200, pattern=NOT_BLANK)]
Line = Annotated[str, Meta(max_length=200, pattern=TEXT)]
Address = Annotated[str, Meta(max_length=1000, pattern=TEXT)]
Text = Annotated[str, Meta(max_length=10_000, pattern=TEXT)]


AtSite = Annotated[Id, Meta(description="Only those at the site with this id")]
"""A filter of lists."""

TIME = "2013-12-31T08:00:00Z"
"""Example of a time."""

Time = Annotated[datetime, Meta(tz=True, examples=[TIME])]
CreatedAt = Annotated[Time, Meta(description="When it was created")]
UpdatedAt = Annotated[Time, Meta(description="When it was last changed")]


class ById(msgspec.Struct, frozen=True):
    """The path of one row, by its id."""

    id: OwnId
