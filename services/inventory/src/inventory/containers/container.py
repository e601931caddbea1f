"""Containers: the fields of a container, and the filters of their list."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from chassis.web.pagination import Paging
from inventory.common.fields import Id, Text


class NewContainer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tube, box or bottle in a freezer."""

    uuid: UUID | UnsetType = UNSET
    """The UUID on its label; a random one when it is absent."""
    description: Text = ""
    freezer_id: Id


class ContainerPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of a container (RFC 7396): a field that is absent keeps its value."""

    uuid: UUID | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    freezer_id: Id | UnsetType = UNSET


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """A stored container."""

    id: Id
    uuid: UUID
    description: Text
    freezer_id: Id
    created_at: datetime
    updated_at: datetime


class ContainerFilters(Paging, frozen=True, kw_only=True):
    """Query of the list of containers."""

    freezer_id: Id | UnsetType = UNSET
