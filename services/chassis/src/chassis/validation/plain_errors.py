"""Error messages of msgspec, in plain words.

msgspec names types of Python, and does not list the values that are allowed. Only requests with errors take this time.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import inspect

from chassis.validation.patterns import PATTERNS

TYPES = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "null": "null",
    "object": "an object",
    "array": "a list",
    "date": "a date such as 2013-12-31",
    "datetime": "a time such as 2013-12-31T08:00:00Z",
    "uuid": "a UUID",
    "decimal": "a decimal number",
}
"""Plain words for the types that msgspec names, where a value must have this type."""

GIVEN = {**TYPES, "float": "a number with a fraction or an exponent", "bool": "true or false"}
"""Plain words for the types that msgspec names, where a value has this type."""

INVALID = {
    "Invalid RFC3339 encoded date": f"The value must be {TYPES['date']}",
    "Invalid RFC3339 encoded datetime": f"The value must be {TYPES['datetime']}",
    "Invalid UUID": "The value must be a UUID such as 5b8f9d5e-0b1c-4f0e-9a53-0f6f5a4f2a10",
    "Invalid decimal string": "The value must be a decimal number such as 12.50",
    "Number out of range": "The number is too large",
}

PARTS = {
    "str": ("text", "character", "characters"),
    "array": ("list", "item", "items"),
    "object": ("object", "member", "members"),
}
"""Types with a length: plain words for the type, and for what the length counts (singular and plural)."""

BOUNDS = {">=": "at least", "<=": "at most", ">": "greater than", "<": "less than"}

KEY = "`key`"
"""The step to the names of a mapping, as msgspec writes it."""


def in_plain_words(message: str, kind: object, place: Sequence[str] = (), *, strict: bool = True) -> str:
    """A message of msgspec as a sentence, without its full stop.

    Args:
        message: message of msgspec, without the place at its end.
        kind: type of the whole value.
        place: names and positions that lead to the error in the value; `KEY` to the names of a mapping.
        strict: whether the message names the type that was given. In a query every value is text, so it does not.
    """
    if message.startswith(ENUM):
        return _choice(message.removeprefix(ENUM), kind, place)
    if found := re.fullmatch(OTHER_TYPE, message):
        return _of_type(found[1]) + (f", not {GIVEN.get(found[2], found[2])}" if strict else "")
    for pattern, sentence in SENTENCES.items():
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return sentence(found)
    return INVALID.get(message, message.replace("`", "'"))


def missing(name: str) -> str:
    """The message for a required field that is missing."""
    return f"The field '{name}' is missing"


def unknown(name: str) -> str:
    """The message for a field that does not exist."""
    return f"There is no field '{name}'"


def _of_type(wanted: str) -> str:
    *most, last = (TYPES.get(one, one) for one in wanted.split(" | "))
    return "The value must be " + (f"{', '.join(most)} or {last}" if most else last)


def _bounded(found: re.Match[str]) -> str:
    return f"The value must be {BOUNDS[found[1]]} {found[2].removesuffix('.0')}"


def _long(found: re.Match[str]) -> str:
    whole, one, several = PARTS[found[1]]
    bound = f"{BOUNDS[found[2]]} " if found[2] else ""
    return f"The {whole} must have {bound}{found[3]} {one if found[3] == '1' else several}"


def _matching(found: re.Match[str]) -> str:
    told = (sentence for pattern, sentence in PATTERNS.items() if repr(pattern) == found[1])
    return next(told, f"The text must match the regular expression {found[1]}")


ENUM = "Invalid enum value "
OTHER_TYPE = "Expected `([^`]+)`, got `([^`]+)`"

SENTENCES: Mapping[str, Callable[[re.Match[str]], str]] = {
    r"Expected `(?:int|float)` (>=|<=|>|<) (\S+)": _bounded,
    r"Expected `(str|array|object)` of length (?:(>=|<=) )?(\d+)(?:, got \d+)?": _long,
    r"Expected `str` matching regex (.*)": _matching,
    r"Object missing required field `(.*)`": lambda found: missing(found[1]),
    r"Object contains unknown field `(.*)`": lambda found: unknown(found[1]),
}
"""Makes the sentence for a message, by the regular expression that the message matches."""


def _choice(given: str, kind: object, place: Sequence[str]) -> str:
    """The message for a value that is not one of the allowed values."""
    allowed = []
    for one in types_at(inspect.type_info(kind), place):
        if isinstance(one, inspect.LiteralType):
            allowed += [str(value) for value in one.values]
        elif isinstance(one, inspect.EnumType):
            allowed += [str(member.value) for member in one.cls]
    return f"The value must be one of {', '.join(allowed)}, not {given}"


def types_at(info: inspect.Type, place: Sequence[str]) -> Iterator[inspect.Type]:
    """The types that are allowed at a place, without their constraints."""
    if isinstance(info, inspect.Metadata):
        yield from types_at(info.type, place)
    elif isinstance(info, inspect.UnionType):
        for one in info.types:
            yield from types_at(one, place)
    elif not place:
        yield info
    elif isinstance(info, inspect.StructType):
        for field in info.fields:
            if field.encode_name == place[0]:
                yield from types_at(field.type, place[1:])
    elif isinstance(info, inspect.ListType | inspect.VarTupleType):
        yield from types_at(info.item_type, place[1:])
    elif isinstance(info, inspect.DictType):
        yield from types_at(info.key_type if place[0] == KEY else info.value_type, place[1:])
