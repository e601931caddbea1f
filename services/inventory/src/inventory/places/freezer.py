"""Freezers: the fields of a freezer, and the query of their list."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from inventory.common.fields import CreatedAt, Name, OwnId, SiteId, UpdatedAt
from inventory.common.list_query import ORDER, AtSite, ListQuery, Search, search_of

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


FreezerSort = Literal["id", "-id", "name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"]


class FreezerFilters(ListQuery, frozen=True, kw_only=True):
    """Query of the list of freezers."""

    q: Annotated[Search, search_of("name")] = ""
    sort: Annotated[FreezerSort, ORDER] = "id"
    site_id: AtSite = UNSET
