"""Containers: the fields of a container, and the filters of their list."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.web.pagination import Paging
from inventory.common.fields import CreatedAt, Id, OwnId, Text, UpdatedAt

Label = Annotated[
    UUID,
    Meta(
        description="The UUID on its label, unique; if a new container is sent without one, it gets a random one",
        examples=["0b7e4f4e-3c9a-4b1e-8f55-6d2f6a2c9f10"],
    ),
]
Contents = Annotated[Text, Meta(description="What is in it", examples=["Plasmid pUC19, 50 µL"])]
InFreezer = Annotated[Id, Meta(description="Only those in the freezer with this id")]
FreezerId = Annotated[Id, Meta(description="Id of the freezer that it is in")]


class NewContainer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tube, box or bottle in a freezer."""

    uuid: Label | UnsetType = UNSET
    description: Contents = ""
    freezer_id: FreezerId


class ContainerPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of a container (RFC 7396): a field that is absent keeps its value."""

    uuid: Label | UnsetType = UNSET
    description: Contents | UnsetType = UNSET
    freezer_id: FreezerId | UnsetType = UNSET


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """A stored container."""

    id: OwnId
    uuid: Label
    description: Contents
    freezer_id: FreezerId
    created_at: CreatedAt
    updated_at: UpdatedAt


class ContainerFilters(Paging, frozen=True, kw_only=True):
    """Query of the list of containers."""

    freezer_id: InFreezer | UnsetType = UNSET
