"""The kinds that have a collection under /v1: their structs, and values to test each field with."""

from typing import Any, NamedTuple

import msgspec

from inventory.containers.container import Container, ContainerPatch, NewContainer
from inventory.equipment.computer import Computer, ComputerPatch, NewComputer
from inventory.people.user import NewUser, User, UserPatch
from inventory.places.freezer import Freezer, FreezerPatch, NewFreezer
from inventory.places.site import NewSite, Site, SitePatch


class Kind(NamedTuple):
    """A kind: how it is called, what it is made of, and what the tests write.

    The values fit beside the example data. Each field has a value in `created`, which is not its default, and another
    one in `changed`.
    """

    name: str
    plural: str
    table: str
    package: str
    new: type[msgspec.Struct]
    patch: type[msgspec.Struct]
    stored: type[msgspec.Struct]
    body: dict[str, Any]
    """Creates one, with some of the fields."""
    change: dict[str, Any]
    """Changes one field."""
    created: dict[str, Any]
    changed: dict[str, Any]

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
)
FREEZER = Kind(
    name="freezer",
    plural="freezers",
    table="freezer",
    package="places",
    new=NewFreezer,
    patch=FreezerPatch,
    stored=Freezer,
    body={"name": "-80C", "site_id": 1},
    change={"name": "-81C"},
    created={"name": "-80C", "site_id": 2},
    changed={"name": "-81C", "site_id": 3},
)
COMPUTER = Kind(
    name="computer",
    plural="computers",
    table="computer",
    package="equipment",
    new=NewComputer,
    patch=ComputerPatch,
    stored=Computer,
    body={"name": "Scope", "mac": "aa:bb:cc:dd:ee:ff", "site_id": 1},
    change={"mac": None},
    created={"name": "Scope", "mac": "aa:bb:cc:dd:ee:ff", "site_id": 2},
    changed={"name": "Mass", "mac": "aa:bb:cc:dd:ee:00", "site_id": 3},
)
CONTAINER = Kind(
    name="container",
    plural="containers",
    table="container",
    package="containers",
    new=NewContainer,
    patch=ContainerPatch,
    stored=Container,
    body={"description": "Buffer", "freezer_id": 1},
    change={"description": "Empty"},
    created={"uuid": "0b7e4f4e-3c9a-4b1e-8f55-6d2f6a2c9f10", "description": "Buffer", "freezer_id": 2},
    changed={"uuid": "0b7e4f4e-3c9a-4b1e-8f55-6d2f6a2c9f11", "description": "Empty", "freezer_id": 1},
)
USER = Kind(
    name="user",
    plural="users",
    table="account",
    package="people",
    new=NewUser,
    patch=UserPatch,
    stored=User,
    body={"username": "lise", "email": "lise@example.org"},
    change={"active": False},
    created={"username": "lise", "email": "lise@example.org", "active": False},
    changed={"username": "meitner", "email": "meitner@example.org", "active": True},
)

WITH_ORIGINAL_PATHS = (SITE, FREEZER, COMPUTER, CONTAINER)
"""The kinds that the original programs had at `/<kind>/{id}`. This list does not grow."""

KINDS = (*WITH_ORIGINAL_PATHS, USER)
