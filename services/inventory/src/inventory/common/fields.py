"""The types of values that callers send, shared by all kinds of things. Text is free, but bounded."""

from typing import Annotated

import msgspec
from msgspec import Meta

from chassis.web.operations import NOT_BLANK, TEXT

GREATEST_ID = 2_147_483_647

Id = Annotated[int, Meta(ge=1, le=GREATEST_ID)]
Name = Annotated[str, Meta(max_length=200, pattern=NOT_BLANK)]
Line = Annotated[str, Meta(max_length=200, pattern=TEXT)]
Address = Annotated[str, Meta(max_length=1000, pattern=TEXT)]
Text = Annotated[str, Meta(max_length=10_000, pattern=TEXT)]


class ById(msgspec.Struct, frozen=True):
    """The path of one thing."""

    id: Id
