"""Freezers: the fields of a freezer, and the filters of their list."""

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from chassis.web.pagination import Paging
from inventory.common.fields import Id, Name


class NewFreezer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A freezer at a site."""

    name: Name
    site_id: Id


class FreezerPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of a freezer (RFC 7396): a field that is absent keeps its value."""

    name: Name | UnsetType = UNSET
    site_id: Id | UnsetType = UNSET
    total: bool = False


class Freezer(msgspec.Struct, frozen=True, kw_only=True):
    """A stored freezer."""

    id: Id
    name: Name
    site_id: Id
    created_at: datetime
    updated_at: datetime


class FreezerFilters(Paging, frozen=True, kw_only=True):
    """Query of the list of freezers."""

    site_id: Id | UnsetType = UNSET
    total: bool = False
