"""Sites: the fields of a site."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.web.pagination import Paging
from inventory.common.fields import Address, CreatedAt, Line, Name, OwnId, UpdatedAt

SiteName = Annotated[Name, Meta(description="Name of the site", examples=["Annex"])]
Contact = Annotated[Line, Meta(description="Whom to ask about the site", examples=["Grace Hopper"])]
SiteAddress = Annotated[Address, Meta(description="Street and town", examples=["2 Muffin Lane, Ann Arbor"])]
Region = Annotated[Line, Meta(description="State, province or region", examples=["MI"])]
Country = Annotated[Line, Meta(description="Country, as a name or a code", examples=["USA"])]
Postcode = Annotated[Line, Meta(description="Postcode or ZIP code", examples=["48103"])]


class NewSite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place where the lab keeps things. Addresses are free text."""

    name: SiteName
    contact: Contact | None = None
    address: SiteAddress | None = None
    state_or_region: Region | None = None
    country: Country | None = None
    postcode_or_zip: Postcode | None = None


class SitePatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of a site (RFC 7396): a field that is absent keeps its value."""

    name: SiteName | UnsetType = UNSET
    contact: Contact | UnsetType | None = UNSET
    address: SiteAddress | UnsetType | None = UNSET
    state_or_region: Region | UnsetType | None = UNSET
    country: Country | UnsetType | None = UNSET
    postcode_or_zip: Postcode | UnsetType | None = UNSET


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A stored site."""

    id: OwnId
    name: SiteName
    contact: Contact | None
    address: SiteAddress | None
    state_or_region: Region | None
    country: Country | None
    postcode_or_zip: Postcode | None
    created_at: CreatedAt
    updated_at: UpdatedAt


class SiteFilters(Paging, frozen=True, kw_only=True):
    """Query of the list of sites."""

    q: str | UnsetType = UNSET
    sort: str = "id"
    total: bool = False
