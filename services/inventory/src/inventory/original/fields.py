"""What is answered and taken at the original paths of the things, field by field.

Written out, and not made of the kinds under /v1: a field that those get does not appear here by itself. Fields that a
body has beyond these are ignored, as the originals did.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from inventory.common.fields import Address, Id, Line, Name, Text
from inventory.kinds import COMPUTERS, CONTAINERS, FREEZERS, SITES, Mac
from inventory.resource import Resource

Written = Annotated[Raw, Meta(extra_json_schema={"type": ["string", "number", "null"]})]
"""Text, or a number that stands for its text, as it was written; empty when it is not given."""


class OriginalSite(msgspec.Struct, frozen=True):
    """A site as it has always been answered."""

    id: Id
    name: Name
    contact: Line | None
    address: Address | None
    state_or_region: Line | None
    country: Line | None
    postcode_or_zip: Line | None


class OriginalFreezer(msgspec.Struct, frozen=True):
    """A freezer at its original path."""

    id: Id
    name: Name
    site_id: Id


class OriginalComputer(msgspec.Struct, frozen=True):
    """A computer at its original path."""

    id: Id
    name: Name
    mac: Mac | None
    site_id: Id


class OriginalContainer(msgspec.Struct, frozen=True):
    """A container at its original path."""

    id: Id
    uuid: UUID
    description: Text
    freezer_id: Id


class OriginalSiteFields(msgspec.Struct, frozen=True, kw_only=True):
    """The body that creates or changes a site; its id may be repeated."""

    id: Id | UnsetType = UNSET
    site_id: Id | UnsetType = UNSET
    name: Written = msgspec.field(default_factory=Raw)
    contact: Written = msgspec.field(default_factory=Raw)
    address: Written = msgspec.field(default_factory=Raw)
    state_or_region: Written = msgspec.field(default_factory=Raw)
    country: Written = msgspec.field(default_factory=Raw)
    postcode_or_zip: Written = msgspec.field(default_factory=Raw)


class OriginalFreezerFields(msgspec.Struct, frozen=True, kw_only=True):
    """The body that creates or changes a freezer; its id may be repeated."""

    id: Id | UnsetType = UNSET
    freezer_id: Id | UnsetType = UNSET
    name: Written = msgspec.field(default_factory=Raw)
    site_id: Id | UnsetType = UNSET


class OriginalComputerFields(msgspec.Struct, frozen=True, kw_only=True):
    """The body that creates or changes a computer; its id may be repeated."""

    id: Id | UnsetType = UNSET
    computer_id: Id | UnsetType = UNSET
    name: Written = msgspec.field(default_factory=Raw)
    mac: Written = msgspec.field(default_factory=Raw)
    site_id: Id | UnsetType = UNSET


class OriginalContainerFields(msgspec.Struct, frozen=True, kw_only=True):
    """The body that creates or changes a container; its id may be repeated."""

    id: Id | UnsetType = UNSET
    container_id: Id | UnsetType = UNSET
    uuid: UUID | UnsetType = UNSET
    description: Written = msgspec.field(default_factory=Raw)
    freezer_id: Id | UnsetType = UNSET


class LegacyKind(msgspec.Struct, frozen=True):
    """A kind of thing at its original paths."""

    resource: Resource
    answered: type[msgspec.Struct]
    written: type[msgspec.Struct]


LEGACY_THINGS = (
    LegacyKind(SITES, OriginalSite, OriginalSiteFields),
    LegacyKind(FREEZERS, OriginalFreezer, OriginalFreezerFields),
    LegacyKind(COMPUTERS, OriginalComputer, OriginalComputerFields),
    LegacyKind(CONTAINERS, OriginalContainer, OriginalContainerFields),
)
