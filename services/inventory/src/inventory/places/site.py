"""Sites: the fields of a site, and the query of their list."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from inventory.common.fields import Address, CreatedAt, Line, Name, OwnId, UpdatedAt
from inventory.common.list_query import ORDER, ListQuery, Search, search_of

SiteName = Annotated[Name, Meta(description="Name of the site", examples=["Annex"])]
Contact = Annotated[
    Line | None,
    Meta(description="Who can be asked about the site; null if nobody is named", examples=["Grace Hopper"]),
]
SiteAddress = Annotated[
    Address | None,
    Meta(description="Street and city, as free text; null if unknown", examples=["2 Muffin Lane, Ann Arbor"]),
]
StateOrRegion = Annotated[
    Line | None, Meta(description="State or region, as free text; null if unknown", examples=["MI"])
]
Country = Annotated[Line | None, Meta(description="Country, as free text; null if unknown", examples=["USA"])]
Postcode = Annotated[
    Line | None, Meta(description="Postcode or ZIP code, as free text; null if unknown", examples=["48103"])
]


class NewSite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place where the lab keeps things. Addresses are free text."""

    name: SiteName
    contact: Contact = None
    address: SiteAddress = None
    state_or_region: StateOrRegion = None
    country: Country = None
    postcode_or_zip: Postcode = None


class SitePatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of a site (RFC 7396): a field that is absent keeps its value."""

    name: SiteName | UnsetType = UNSET
    contact: Contact | UnsetType = UNSET
    address: SiteAddress | UnsetType = UNSET
    state_or_region: StateOrRegion | UnsetType = UNSET
    country: Country | UnsetType = UNSET
    postcode_or_zip: Postcode | UnsetType = UNSET


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A stored site."""

    id: OwnId
    name: SiteName
    contact: Contact
    address: SiteAddress
    state_or_region: StateOrRegion
    country: Country
    postcode_or_zip: Postcode
    created_at: CreatedAt
    updated_at: UpdatedAt


SiteSort = Literal["id", "-id", "name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"]


class SiteFilters(ListQuery, frozen=True, kw_only=True):
    """Query of the list of sites."""

    q: Annotated[Search, search_of("name, contact, address, state or region, country, or postcode")] = ""
    sort: Annotated[SiteSort, ORDER] = "id"
