"""Types of the values that clients send. Text has a maximum length."""

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


class ById(msgspec.Struct, frozen=True):
    """The path of one row, by its id."""

    id: Id
