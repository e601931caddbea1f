"""Containers: the fields of a container, and the query of their list."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from inventory.common.fields import CreatedAt, Id, OwnId, Text, UpdatedAt
from inventory.common.list_query import ORDER, ListQuery, Search, search_of

Label = Annotated[
    UUID,
    Meta(
        description="UUID on its label, which no other container has. Default for a new container: a random one",
        examples=["0b7e4f4e-3c9a-4b1e-8f55-6d2f6a2c9f10"],
    ),
]
Description = Annotated[
    Text,
    Meta(
        description="What it contains, as free text. Default for a new container: empty",
        examples=["Plasmid pUC19, 50 µL"],
    ),
]
FreezerId = Annotated[Id, Meta(description="Id of the freezer where it is")]


class NewContainer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tube, box or bottle in a freezer."""

    uuid: Label | UnsetType = UNSET
    description: Description = ""
    freezer_id: FreezerId


class ContainerPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of a container (RFC 7396): a field that is absent keeps its value."""

    uuid: Label | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    freezer_id: FreezerId | UnsetType = UNSET


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """A stored container."""

    id: OwnId
    uuid: Label
    description: Description
    freezer_id: FreezerId
    created_at: CreatedAt
    updated_at: UpdatedAt


ContainerSort = Literal[
    "id", "-id", "description", "-description", "created_at", "-created_at", "updated_at", "-updated_at"
]


class ContainerFilters(ListQuery, frozen=True, kw_only=True):
    """Query of the list of containers."""

    q: Annotated[Search, search_of("description or UUID")] = ""
    sort: Annotated[ContainerSort, ORDER] = "id"
    freezer_id: Annotated[Id | UnsetType, Meta(description="Only those in the freezer with this id")] = UNSET
    site_id: Annotated[
        Id | UnsetType, Meta(description="Only those in a freezer at the site with this id")
    ] = UNSET
