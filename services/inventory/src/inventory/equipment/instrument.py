"""Instruments: computers and freezers, in one list."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from inventory.common.fields import Id, Name, SiteId
from inventory.common.list_query import AtSite, ListQuery, Search, search_of

FIRST = [0, 0, 0]
"""The position before the first instrument: site, 1 for a computer and 2 for a freezer, id."""


class Instrument(msgspec.Struct, frozen=True):
    """A computer or a freezer; one of the two ids is null."""

    computer_id: Annotated[
        Id | None, Meta(description="Id of the computer; null if it is a freezer", examples=[1])
    ]
    freezer_id: Annotated[
        Id | None, Meta(description="Id of the freezer; null if it is a computer", examples=[None])
    ]
    name: Annotated[Name, Meta(description="Name of the computer or freezer", examples=["Microscope PC"])]
    site_id: SiteId
    site_name: Annotated[Name, Meta(description="Name of that site", examples=["Annex"])]


InstrumentSort = Literal["site", "name", "-name"]


class InstrumentFilters(ListQuery, frozen=True, kw_only=True):
    """Query of the list of instruments."""

    q: Annotated[Search, search_of("name, or in the name of the site")] = ""
    sort: Annotated[
        InstrumentSort,
        Meta(
            description="Order of the list. `site` is by the id of the site, then computers before freezers, then by"
            " id. `name` ignores case; `-name` is from the end. Default: `site`"
        ),
    ] = "site"
    site_id: AtSite = UNSET
    kind: Annotated[
        Literal["computer", "freezer"] | UnsetType, Meta(description="Only computers, or only freezers")
    ] = UNSET
