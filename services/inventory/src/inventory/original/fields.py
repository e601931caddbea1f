"""The fields that bodies have at the original paths of sites, freezers, computers and containers.

A number is accepted where text is expected, and is stored as the digits that were sent. Fields that the original
programs did not know are ignored. A field that a kind gets under /v1 does not appear at its original path.
"""

from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import UNSET, Meta, Raw

from chassis.errors import FieldError, Invalid
from chassis.web.decoding import decode
from inventory.common.fields import GREATEST_ID, Id

P = TypeVar("P", bound=msgspec.Struct)


RepeatedId = Annotated[Id, Meta(description="May repeat the id in the path")]

Written = Annotated[
    Raw,
    Meta(
        extra_json_schema={"type": ["string", "number", "null"]},
        description="The same as under /v1; a number is stored as the digits that were sent",
        examples=["Some text"],
    ),
]
"""Text, or a number to store as text, as the JSON that was sent; empty when the field is absent."""

NUMBER = b"-0123456789"
"""The bytes that a number in JSON can start with."""


class Slice(msgspec.Struct, frozen=True):
    """The path of a part of a list."""

    offset: Annotated[
        int, Meta(ge=0, le=GREATEST_ID, description="Number of items to leave out at the beginning")
    ]
    limit: Annotated[
        int, Meta(ge=0, le=GREATEST_ID, description="Maximum number of items to return", examples=[10])
    ]


def changes(body: msgspec.Struct, ident: int, id_names: tuple[str, str], patch: type[P]) -> P:
    """The fields of a body, checked as those of a patch under /v1.

    Args:
        body: the body of the request.
        ident: the id in the path.
        id_names: fields of the body that may repeat the id.
        patch: type of the patch.

    Raises:
        Invalid: the body has another id than the path, or a value is not valid.
    """
    given = msgspec.structs.asdict(body)
    for name in id_names:
        if given.pop(name) not in (UNSET, ident):
            detail = f"The body says another {name} than the path, {ident}."
            raise Invalid(detail, [FieldError(f"/{name}", "disagrees", detail)])
    return decode(msgspec.json.encode(_as_text(given)), patch)


def _as_text(given: dict[str, Any]) -> dict[str, Any]:
    """The fields that are present; a number is put into quotes where text is expected."""
    fields = {}
    for name, value in given.items():
        if isinstance(value, Raw):
            raw = bytes(value)
            if raw:
                fields[name] = Raw(b'"' + raw + b'"') if raw[:1] in NUMBER else value
        elif value is not UNSET:
            fields[name] = value
    return fields
