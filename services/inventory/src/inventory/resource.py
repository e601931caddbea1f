"""A kind of thing under /v1, declared once: its name, its fields, its SQL. `collection` makes operations of it."""

from datetime import datetime
from typing import Any, Union

import msgspec
from msgspec import UNSET, UnsetType

from chassis.database.queries import Queries
from chassis.web.pagination import Paging
from inventory.common.fields import Id

Field = tuple[str, Any, Any]
"""Name, type and default of a struct's field."""


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of thing."""

    kind: str
    plural: str
    new: type[msgspec.Struct]
    """The body that creates one."""
    sql: Queries
    filters: type[Paging] = Paging
    """Query parameters of the list; those beyond paging are parameters of its SQL too."""


def patch_type(resource: Resource) -> type[msgspec.Struct]:
    """The body of a JSON merge patch (RFC 7396): the fields of a new thing, each of which may be absent."""
    fields = [_optional(field.name, field.type) for field in msgspec.structs.fields(resource.new)]
    name = f"{resource.kind.capitalize()}Patch"
    return msgspec.defstruct(name, fields, frozen=True, kw_only=True, forbid_unknown_fields=True)


def stored_type(resource: Resource) -> type[msgspec.Struct]:
    """What is answered under /v1."""
    fields = [("id", Id), *_required(resource), ("created_at", datetime), ("updated_at", datetime)]
    return msgspec.defstruct(resource.kind.capitalize(), fields)


def _required(resource: Resource) -> list[tuple[str, Any]]:
    return [(field.name, field.type) for field in msgspec.structs.fields(resource.new)]


def _optional(name: str, kind: Any) -> Field:
    return name, Union[kind, UnsetType], UNSET  # noqa: UP007  the type is known at run time only
