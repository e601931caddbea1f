"""Instruments: computers and freezers, in one list."""

from typing import Annotated

import msgspec
from msgspec import Meta

from inventory.common.fields import SiteId
from inventory.common.keyset_pages import IdPosition

InstrumentPosition = Annotated[list[IdPosition], Meta(min_length=3, max_length=3)]
"""Position in the list: site, 1 for a computer and 2 for a freezer, id."""

FIRST = [0, 0, 0]
"""The position before the first instrument."""


class Instrument(msgspec.Struct, frozen=True):
    """A computer or a freezer; one of the two ids is null."""

    computer_id: Annotated[
        int | None, Meta(description="Id of the computer; null for a freezer", examples=[1])
    ]
    freezer_id: Annotated[
        int | None, Meta(description="Id of the freezer; null for a computer", examples=[None])
    ]
    name: Annotated[str, Meta(description="Name of the computer or freezer", examples=["Microscope PC"])]
    site_id: SiteId
    site_name: Annotated[str, Meta(description="Name of that site", examples=["Annex"])]
