"""Computers: the fields of a computer, and the filters of their list."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.validation.patterns import MAC_ADDRESS
from chassis.web.pagination import Paging
from inventory.common.fields import AtSite, CreatedAt, Name, OwnId, SiteId, UpdatedAt

ComputerName = Annotated[Name, Meta(description="Name of the computer", examples=["Microscope PC"])]
Mac = Annotated[
    str,
    Meta(
        pattern=MAC_ADDRESS,
        description="MAC address of its network card, unique; null if it is not known",
        examples=["08:00:2b:0a:0b:0c"],
    ),
]


class NewComputer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A computer at a site."""

    name: ComputerName
    mac: Mac | None = None
    site_id: SiteId


class ComputerPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of a computer (RFC 7396): a field that is absent keeps its value."""

    name: ComputerName | UnsetType = UNSET
    mac: Mac | UnsetType | None = UNSET
    site_id: SiteId | UnsetType = UNSET


class Computer(msgspec.Struct, frozen=True, kw_only=True):
    """A stored computer."""

    id: OwnId
    name: ComputerName
    mac: Mac | None
    site_id: SiteId
    created_at: CreatedAt
    updated_at: UpdatedAt


class ComputerFilters(Paging, frozen=True, kw_only=True):
    """Query of the list of computers."""

    site_id: AtSite | UnsetType = UNSET
