"""The fields of a JSON Schema as rows of a table: name, meaning, type and limits in plain words, default."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from markupsafe import Markup

from chassis.pages import numbers
from chassis.pages.inline_code import with_code
from chassis.validation.patterns import LIMITS

Schema = Mapping[str, Any]

TYPES = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "true or false",
    "null": "null",
    "object": "object",
}
FORMATS = {"date": "date", "date-time": "time", "uuid": "UUID"}


class Field(msgspec.Struct, frozen=True):
    """A field of a body, or a parameter."""

    name: str
    """Path of the field in the body: `items[].id` is the field `id` of each item of the list `items`."""
    meaning: Markup
    type: str
    limits: Markup
    required: bool
    default: str
    """The default as JSON; empty without one."""


def fields_of(schema: Schema, components: Mapping[str, Schema], path: str = "") -> Iterator[Field]:
    """The fields of a schema, each followed by those in it; none if the schema has no fields.

    Args:
        schema: a JSON Schema as msgspec writes it.
        components: the schemas that `$ref` may name.
        path: path of the schema's value in the body.
    """
    found = _object(schema, components)
    required = found.get("required", ())
    for name, about in found.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        yield field(here, about, components, required=name in required)
        yield from fields_of(about, components, here)
    for mark, key in (("[]", "items"), (".*", "additionalProperties")):
        if isinstance(found.get(key), dict):
            yield from fields_of(found[key], components, f"{path}{mark}")


def field(name: str, schema: Schema, components: Mapping[str, Schema], *, required: bool) -> Field:
    """One field; its meaning is the description of its schema, or else that of its type."""
    return Field(
        name,
        with_code(schema.get("description") or _resolved(schema, components).get("description", "")),
        type_in_words(schema, components),
        with_code(", ".join(_limits(schema, components))),
        required,
        json.dumps(schema["default"], ensure_ascii=False) if "default" in schema else "",
    )


def type_in_words(schema: Schema, components: Mapping[str, Schema]) -> str:
    """The type of a schema, such as `text or null`."""
    found = _resolved(schema, components)
    if "anyOf" in found:
        return " or ".join(type_in_words(choice, components) for choice in found["anyOf"])
    if "enum" in found:
        return "text"
    if found.get("format") in FORMATS:
        return FORMATS[found["format"]]
    kinds = found.get("type", ())
    if kinds == "array":
        inner = found.get("items") or {}
        return f"list of {_several(type_in_words(inner, components))}" if inner else "list"
    kinds = (kinds,) if isinstance(kinds, str) else kinds
    return " or ".join(TYPES[kind] for kind in kinds) or "any JSON"


def _several(kind: str) -> str:
    return {"object": "objects", "whole number": "whole numbers", "number": "numbers"}.get(kind, kind)


def _limits(schema: Schema, components: Mapping[str, Schema]) -> Iterator[str]:
    found = _resolved(schema, components)
    for choice in found.get("anyOf", ()):
        yield from _limits(choice, components)
    if "enum" in found:
        yield "one of " + ", ".join(f"`{value}`" for value in found["enum"])
    least, most = found.get("minimum"), found.get("maximum")
    if least is not None and most is not None:
        yield f"{numbers.count(least)} to {numbers.count(most)}"
    elif least is not None:
        yield f"at least {numbers.count(least)}"
    elif most is not None:
        yield f"at most {numbers.count(most)}"
    if "maxLength" in found:
        yield f"at most {numbers.plural(found['maxLength'], 'character')}"
    if "pattern" in found:
        yield LIMITS.get(found["pattern"], f"matches `{found['pattern']}`")


def _resolved(schema: Schema, components: Mapping[str, Schema]) -> Schema:
    """The schema that a `$ref` names."""
    if "$ref" in schema:
        return components[schema["$ref"].rpartition("/")[2]]
    return schema


def _object(schema: Schema, components: Mapping[str, Schema]) -> Schema:
    """The schema with fields: the one that a `$ref` names, or the one beside null."""
    found = _resolved(schema, components)
    for choice in found.get("anyOf", ()):
        if choice.get("type") != "null":
            return _object(choice, components)
    return found
