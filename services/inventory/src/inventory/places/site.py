"""Sites: the fields of a site."""

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from chassis.web.pagination import Paging
from inventory.common.fields import Address, Id, Line, Name


class NewSite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place where the lab keeps things. Addresses are free text."""

    name: Name
    contact: Line | None = None
    address: Address | None = None
    state_or_region: Line | None = None
    country: Line | None = None
    postcode_or_zip: Line | None = None


class SitePatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of a site (RFC 7396): a field that is absent keeps its value."""

    name: Name | UnsetType = UNSET
    contact: Line | UnsetType | None = UNSET
    address: Address | UnsetType | None = UNSET
    state_or_region: Line | UnsetType | None = UNSET
    country: Line | UnsetType | None = UNSET
    postcode_or_zip: Line | UnsetType | None = UNSET


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A stored site."""

    id: Id
    name: Name
    contact: Line | None
    address: Address | None
    state_or_region: Line | None
    country: Line | None
    postcode_or_zip: Line | None
    created_at: datetime
    updated_at: datetime


class SiteFilters(Paging, frozen=True, kw_only=True):
    """Query of the list of sites."""

    q: str | UnsetType = UNSET
    sort: str = "id"
    total: bool = False
