"""Computers: the fields of a computer, and the query of their list."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.validation.patterns import MAC_ADDRESS
from inventory.common.fields import CreatedAt, Name, OwnId, SiteId, UpdatedAt
from inventory.common.list_query import ORDER, AtSite, ListQuery, Search, search_of

ComputerName = Annotated[Name, Meta(description="Name of the computer", examples=["Microscope PC"])]
Mac = Annotated[
    Annotated[str, Meta(pattern=MAC_ADDRESS)] | None,
    Meta(
        description="MAC address of its network interface, which no other computer has; null if unknown",
        examples=["08:00:2b:0a:0b:0c"],
    ),
]


class NewComputer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A computer at a site."""

    name: ComputerName
    mac: Mac = None
    site_id: SiteId


class ComputerPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of a computer (RFC 7396): a field that is absent keeps its value."""

    name: ComputerName | UnsetType = UNSET
    mac: Mac | UnsetType = UNSET
    site_id: SiteId | UnsetType = UNSET


class Computer(msgspec.Struct, frozen=True, kw_only=True):
    """A stored computer."""

    id: OwnId
    name: ComputerName
    mac: Mac
    site_id: SiteId
    created_at: CreatedAt
    updated_at: UpdatedAt


ComputerSort = Literal["id", "-id", "name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"]


class ComputerFilters(ListQuery, frozen=True, kw_only=True):
    """Query of the list of computers."""

    q: Annotated[Search, search_of("name or MAC address")] = ""
    sort: Annotated[ComputerSort, ORDER] = "id"
    site_id: AtSite = UNSET
