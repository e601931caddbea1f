"""Instruments: computers and freezers, in one list."""

from typing import Annotated

import msgspec
from msgspec import Meta

from inventory.common.keyset_pages import IdPosition

InstrumentPosition = Annotated[list[IdPosition], Meta(min_length=3, max_length=3)]
"""Position in the list: site, 1 for a computer and 2 for a freezer, id."""

FIRST = [0, 0, 0]
"""The position before the first instrument."""


class Instrument(msgspec.Struct, frozen=True):
    """A computer or a freezer; one of the two ids is null."""

    computer_id: int | None
    freezer_id: int | None
    name: str
    site_id: int
    site_name: str
