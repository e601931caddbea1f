"""The kinds of things that the lab keeps, and the people who use them."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.database.queries import Queries
from chassis.web.operations import MAC_ADDRESS, NOT_BLANK, TEXT
from chassis.web.pagination import Paging
from inventory.common.fields import Address, Id, Line, Name, Text
from inventory.resource import Resource

Username = Annotated[str, Meta(max_length=200, pattern=NOT_BLANK, description="Unique, whatever its case")]
Email = Annotated[str, Meta(max_length=254, pattern=TEXT, description="Unique, whatever its case")]
Mac = Annotated[str, Meta(pattern=MAC_ADDRESS, description="MAC address, unique")]


class NewSite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place. Addresses are text as people write them."""

    name: Name
    contact: Line | None = None
    address: Address | None = None
    state_or_region: Line | None = None
    country: Line | None = None
    postcode_or_zip: Line | None = None


class NewFreezer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A freezer at a site."""

    name: Name
    site_id: Id


class NewComputer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A computer at a site."""

    name: Name
    mac: Mac | None = None
    site_id: Id


class NewContainer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tube, box or bottle in a freezer."""

    uuid: UUID | UnsetType = UNSET
    """What its label says; chosen for it when absent."""
    description: Text = ""
    freezer_id: Id


class NewUser(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person with an account."""

    username: Username
    email: Email
    active: bool = True


class AtSite(Paging, frozen=True, kw_only=True):
    """Query of freezers and computers."""

    site_id: Id | UnsetType = UNSET


class InFreezer(Paging, frozen=True, kw_only=True):
    """Query of containers."""

    freezer_id: Id | UnsetType = UNSET


def _sql(package: str, table: str) -> Queries:
    return Queries(f"inventory.{package}", f"sql/{table}.sql")


SITES = Resource(kind="site", plural="sites", new=NewSite, sql=_sql("places", "site"))
FREEZERS = Resource(
    kind="freezer", plural="freezers", new=NewFreezer, sql=_sql("places", "freezer"), filters=AtSite
)
COMPUTERS = Resource(
    kind="computer", plural="computers", new=NewComputer, sql=_sql("equipment", "computer"), filters=AtSite
)
CONTAINERS = Resource(
    kind="container",
    plural="containers",
    new=NewContainer,
    sql=_sql("containers", "container"),
    filters=InFreezer,
)
USERS = Resource(kind="user", plural="users", new=NewUser, sql=_sql("people", "account"))

THINGS = (SITES, FREEZERS, COMPUTERS, CONTAINERS)
