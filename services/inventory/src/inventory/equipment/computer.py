"""Computers: the fields of a computer, and the filters of their list."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.validation.patterns import MAC_ADDRESS
from chassis.web.pagination import Paging
from inventory.common.fields import Id, Name

Mac = Annotated[str, Meta(pattern=MAC_ADDRESS, description="MAC address, unique")]


class NewComputer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A computer at a site."""

    name: Name
    mac: Mac | None = None
    site_id: Id


class ComputerPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of a computer (RFC 7396): a field that is absent keeps its value."""

    name: Name | UnsetType = UNSET
    mac: Mac | UnsetType | None = UNSET
    site_id: Id | UnsetType = UNSET


class Computer(msgspec.Struct, frozen=True, kw_only=True):
    """A stored computer."""

    id: Id
    name: Name
    mac: Mac | None
    site_id: Id
    created_at: datetime
    updated_at: datetime


class ComputerFilters(Paging, frozen=True, kw_only=True):
    """Query of the list of computers."""

    site_id: Id | UnsetType = UNSET
