"""Errors of msgspec as `FieldError`s: a JSON Pointer, a code for programs, and a sentence for people."""

import re

import msgspec

from chassis.errors import FieldError
from chassis.validation import plain_errors


def all_field_errors(
    first: msgspec.ValidationError, value: object, kind: object, *, strict: bool
) -> list[FieldError]:
    """All errors of a struct, one for each field.

    msgspec stops at the first error, so each field is converted by itself.

    Args:
        first: the error that msgspec has raised.
        value: the value with the errors, as plain JSON types.
        kind: type of the value.
        strict: whether the values have types; in a query every value is text.
    """
    if not (isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return [field_error(first, kind, strict=strict)]
    found = []
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name, field in fields.items():
        if name in value:
            try:
                msgspec.convert(value[name], field.type, strict=strict)
            except msgspec.ValidationError as error:
                found.append(field_error(error, field.type, f"/{name}", strict=strict))
        elif field.required:
            found.append(FieldError(f"/{name}", "missing", plain_errors.missing(name)))
    if kind.__struct_config__.forbid_unknown_fields:
        found += [
            FieldError(f"/{name}", "unknown", plain_errors.unknown(name))
            for name in value
            if name not in fields
        ]
    return found or [field_error(first, kind, strict=strict)]


def field_error(
    error: msgspec.ValidationError, kind: object, below: str = "", *, strict: bool = True
) -> FieldError:
    """One error of msgspec; `below` is the JSON Pointer of the value that msgspec has converted."""
    what, _, where = str(error).partition(" - at `")
    pointer = where.rstrip("`").removeprefix("$").replace("[...]", "/*").replace(".", "/")
    pointer = pointer.replace("[", "/").replace("]", "")
    field = FIELD.search(what)
    code = {"required": "missing", "unknown": "unknown"}[field[1]] if field else "invalid"
    detail = plain_errors.in_plain_words(what, kind, pointer.split("/")[1:], strict=strict)
    return FieldError(below + pointer + (f"/{field[2]}" if field else ""), code, detail)


FIELD = re.compile(r"(required|unknown) field `(.*)`$")
