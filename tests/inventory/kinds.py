"""The kinds that have a collection under /v1: their structs, and values to test each field with."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from inventory.common.keyset_pages import Listing
from inventory.containers.container import Container, ContainerPatch, NewContainer
from inventory.containers.store import CONTAINER_LIST
from inventory.equipment.computer import Computer, ComputerPatch, NewComputer
from inventory.equipment.store import COMPUTER_LIST
from inventory.people.store import USER_LIST
from inventory.people.user import NewUser, User, UserPatch
from inventory.places.freezer import Freezer, FreezerPatch, NewFreezer
from inventory.places.site import NewSite, Site, SitePatch
from inventory.places.store import FREEZER_LIST, SITE_LIST

HERE = "tests/inventory/kinds.py"
"""This file, as messages name it."""


class Kind(NamedTuple):
    """A kind: how it is called, what it is made of, and what the tests write.

    The values fit beside the example data: a reference leads to a row of it, and a unique value is in none of its rows.
    """

    name: str
    plural: str
    table: str
    package: str
    new: type[msgspec.Struct]
    patch: type[msgspec.Struct]
    stored: type[msgspec.Struct]
    listing: Listing
    body: dict[str, Any]
    """Creates one, with the required fields and perhaps others."""
    change: dict[str, Any]
    """Changes one field, both of `body` and of row 1 of the example data."""
    created: dict[str, Any]
    """A value for each field: neither null nor the default of the field."""
    changed: dict[str, Any]
    """Another value for each field, which is not null."""
    pages: str
    """Name of its pages below `/ui/`."""
    unique: Mapping[str, str] = MappingProxyType({})
    """The fields of `body` that no two rows may share, each with a format for the value in the n-th row."""

    def numbered_body(self, number: int) -> dict[str, Any]:
        """`body` with other unique values for each number from 0 to 99, so that it can be created several times."""
        return self.body | {field: form.format(number) for field, form in self.unique.items()}

    @property
    def module(self) -> str:
        """File of the structs, below `inventory/`."""
        return f"{self.package}/{self.name}.py"

    @property
    def sql(self) -> str:
        """File of the statements, below `inventory/`."""
        return f"{self.package}/sql/{self.table}.sql"


SITE = Kind(
    name="site",
    plural="sites",
    table="site",
    package="places",
    new=NewSite,
    patch=SitePatch,
    stored=Site,
    listing=SITE_LIST,
    body={"name": "Annex", "contact": "Grace", "country": "NL"},
    change={"name": "Attic"},
    created={
        "name": "Annex",
        "contact": "Grace",
        "address": "2 Muffin Lane",
        "state_or_region": "NH",
        "country": "NL",
        "postcode_or_zip": "1011 AB",
    },
    changed={
        "name": "Attic",
        "contact": "Lise",
        "address": "3 Muffin Lane",
        "state_or_region": "WA",
        "country": "SE",
        "postcode_or_zip": "118 00",
    },
    pages="sites",
)
FREEZER = Kind(
    name="freezer",
    plural="freezers",
    table="freezer",
    package="places",
    new=NewFreezer,
    patch=FreezerPatch,
    stored=Freezer,
    listing=FREEZER_LIST,
    body={"name": "-80C", "site_id": 1},
    change={"name": "-81C"},
    created={"name": "-80C", "site_id": 2},
    changed={"name": "-81C", "site_id": 3},
    pages="freezers",
)
COMPUTER = Kind(
    name="computer",
    plural="computers",
    table="computer",
    package="equipment",
    new=NewComputer,
    patch=ComputerPatch,
    stored=Computer,
    listing=COMPUTER_LIST,
    body={"name": "Scope", "mac": "aa:bb:cc:dd:ee:ff", "site_id": 1},
    change={"mac": None},
    created={"name": "Scope", "mac": "aa:bb:cc:dd:ee:ff", "site_id": 2},
    changed={"name": "Mass", "mac": "aa:bb:cc:dd:ee:00", "site_id": 3},
    pages="computers",
    unique={"mac": "aa:bb:cc:dd:ee:{:02}"},
)
CONTAINER = Kind(
    name="container",
    plural="containers",
    table="container",
    package="containers",
    new=NewContainer,
    patch=ContainerPatch,
    stored=Container,
    listing=CONTAINER_LIST,
    body={"description": "Buffer", "freezer_id": 1},
    change={"description": "Empty"},
    created={"uuid": "0b7e4f4e-3c9a-4b1e-8f55-6d2f6a2c9f10", "description": "Buffer", "freezer_id": 2},
    changed={"uuid": "0b7e4f4e-3c9a-4b1e-8f55-6d2f6a2c9f11", "description": "Empty", "freezer_id": 1},
    pages="containers",
)
USER = Kind(
    name="user",
    plural="users",
    table="account",
    package="people",
    new=NewUser,
    patch=UserPatch,
    stored=User,
    listing=USER_LIST,
    body={"username": "lise", "email": "lise@example.org"},
    change={"email": "meitner@example.org"},
    created={"username": "lise", "email": "lise@example.org", "active": False},
    changed={"username": "meitner", "email": "meitner@example.org", "active": True},
    pages="people",
    unique={"username": "u{}", "email": "{}@b"},
)

WITH_ORIGINAL_PATHS = (SITE, FREEZER, COMPUTER, CONTAINER)
"""The kinds that the original programs had at `/<kind>/{id}`. This list does not grow."""

KINDS = (*WITH_ORIGINAL_PATHS, USER)
