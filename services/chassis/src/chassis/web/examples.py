"""Example values for JSON Schemas: the same value for the same schema, and valid against it."""

from collections.abc import Mapping
from typing import Any

from chassis.validation.patterns import EXAMPLES

FORMATS = {
    "date": "2013-12-31",
    "date-time": "2013-12-31T08:00:00Z",
    "uuid": "5b8f9d5e-0b1c-4f0e-9a53-0f6f5a4f2a10",
}
"""Example of each format that msgspec writes into a schema."""

TEXT = "text"
"""Example of text without a format or a pattern."""


def example(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    """A value that is valid against a schema.

    The first of the schema's own `examples` wins, then its default unless that is empty.

    Args:
        schema: a JSON Schema as msgspec writes it.
        components: the schemas that `$ref` may name.

    Raises:
        ValueError: the schema has a pattern without an example, and no `examples`.
    """
    if "$ref" in schema:
        return example(components[schema["$ref"].rpartition("/")[2]], components)
    if "examples" in schema:
        return schema["examples"][0]
    if schema.get("default") not in (None, "", [], {}):
        return schema["default"]
    if "enum" in schema:
        return schema["enum"][0]
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return example(choice, components)
    return _of_type(schema, components)


def _of_type(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    kinds = schema.get("type", "object")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if kind == "object":
        return _object(schema, components)
    if kind == "array":
        return [example(schema["items"], components)] if "items" in schema else []
    if kind == "string":
        return _text(schema)
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    return {"boolean": True, "null": None}[kind]


def _object(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    value = {name: example(about, components) for name, about in schema.get("properties", {}).items()}
    others = schema.get("additionalProperties")
    return value | ({"name": example(others, components)} if isinstance(others, dict) and others else {})


def _text(schema: Mapping[str, Any]) -> str:
    if "format" in schema:
        return FORMATS[schema["format"]]
    pattern = schema.get("pattern")
    if pattern is not None and pattern not in EXAMPLES:
        raise ValueError(f"Text that matches {pattern!r} has no example: give its type Meta(examples=[…]).")
    return EXAMPLES[pattern] if pattern else TEXT
