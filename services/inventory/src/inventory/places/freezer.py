"""Freezers: the fields of a freezer, and the filters of their list."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.web.pagination import Paging
from inventory.common.fields import AtSite, CreatedAt, Name, OwnId, SiteId, UpdatedAt

FreezerName = Annotated[Name, Meta(description="Name of the freezer", examples=["-80C"])]


class NewFreezer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A freezer at a site."""

    name: FreezerName
    site_id: SiteId


class FreezerPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of a freezer (RFC 7396): a field that is absent keeps its value."""

    name: FreezerName | UnsetType = UNSET
    site_id: SiteId | UnsetType = UNSET


class Freezer(msgspec.Struct, frozen=True, kw_only=True):
    """A stored freezer."""

    id: OwnId
    name: FreezerName
    site_id: SiteId
    created_at: CreatedAt
    updated_at: UpdatedAt


class FreezerFilters(Paging, frozen=True, kw_only=True):
    """Query of the list of freezers."""

    site_id: AtSite | UnsetType = UNSET
    total: Annotated[
        bool, Meta(description="Whether the page has `total`, the number of items on all pages")
    ] = False
