"""A kind of thing, declared once: its name, its fields, its SQL. `collection` and `legacy` make operations of it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Union

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType
from msgspec.inspect import Metadata, StrType, Type, UnionType

from chassis.pagination import Paging
from chassis.queries import Queries
from inventory.fields import Id

Field = tuple[str, Any, Any]
"""Name, type and default of a struct's field."""

WRITTEN = Annotated[Raw, Meta(extra_json_schema={"type": ["string", "number", "null"]})]
"""Text, or a number that stands for its text, as it was written."""


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
    return _define(f"{resource.kind.capitalize()}Patch", fields)


def written_type(resource: Resource) -> type[msgspec.Struct]:
    """The body at the original path: text as it was written, and the id, which may be repeated."""
    text = set(text_fields(resource))
    fields: list[Field] = [_optional("id", Id), _optional(f"{resource.kind}_id", Id)]
    fields += [
        (field.name, WRITTEN, msgspec.field(default_factory=Raw))
        if field.name in text
        else _optional(field.name, field.type)
        for field in msgspec.structs.fields(resource.new)
    ]
    return _define(f"Original{resource.kind.capitalize()}Fields", fields)


def original_type(resource: Resource) -> type[msgspec.Struct]:
    """What is answered at the original path."""
    return msgspec.defstruct(f"Original{resource.kind.capitalize()}", [("id", Id), *_required(resource)])


def stored_type(resource: Resource) -> type[msgspec.Struct]:
    """What is answered under /v1."""
    fields = [("id", Id), *_required(resource), ("created_at", datetime), ("updated_at", datetime)]
    return msgspec.defstruct(resource.kind.capitalize(), fields)


def _required(resource: Resource) -> list[tuple[str, Any]]:
    return [(field.name, field.type) for field in msgspec.structs.fields(resource.new)]


def _optional(name: str, kind: Any) -> Field:
    return name, Union[kind, UnsetType], UNSET  # noqa: UP007  the type is known at run time only


def text_fields(resource: Resource) -> Iterator[str]:
    """The names of the fields that hold text."""
    for field in msgspec.structs.fields(resource.new):
        if any(isinstance(kind, StrType) for kind in _alternatives(msgspec.inspect.type_info(field.type))):
            yield field.name


def _alternatives(info: Type) -> Iterator[Type]:
    if isinstance(info, Metadata):
        yield from _alternatives(info.type)
    elif isinstance(info, UnionType):
        for kind in info.types:
            yield from _alternatives(kind)
    else:
        yield info


def _define(name: str, fields: list[Field]) -> type[msgspec.Struct]:
    return msgspec.defstruct(name, fields, frozen=True, kw_only=True, forbid_unknown_fields=True)
