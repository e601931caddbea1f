r"""Forms: what was typed, its conversion to the types of the API, and the errors of the fields.

A form is checked by the type that checks the body of the API's operation, so both accept the same values and give the
same errors. The text of a field becomes a value in this way:

- An empty field is null if the type of the field allows null; otherwise the field is absent.
- A checkbox is true if it is checked, and false otherwise.
- In text, line breaks become `\n`; white space around text of one line is removed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET
from starlette.requests import Request

from chassis.errors import FieldError, Invalid, Malformed, UnsupportedMediaType
from chassis.validation.field_errors import all_field_errors

T = TypeVar("T", bound=msgspec.Struct)

MOST_FIELDS = 200
CHECKED = "on"


class Form:
    """The values of the fields of a form, as text, with the errors of the fields."""

    def __init__(self, values: Mapping[str, str] | None = None, errors: Sequence[FieldError] = ()) -> None:
        self.values = dict(values or {})
        self.errors = list(errors)

    def value(self, name: str, default: str = "") -> str:
        """The text of a field."""
        return self.values.get(name, default)

    def is_checked(self, name: str) -> bool:
        """Whether a checkbox is checked."""
        return self.values.get(name) == CHECKED

    def error(self, name: str) -> str:
        """The sentences about the errors of a field; empty if it has none."""
        return " ".join(_sentence(one.detail) for one in self.errors if field_of(one) == name)

    @property
    def summary(self) -> Sequence[tuple[str, str]]:
        """Name of the field and sentence, for each error; the name is empty for an error of the whole form."""
        return [
            (name if (name := field_of(one)) in self.values else "", _sentence(one.detail))
            for one in self.errors
        ]


def field_of(error: FieldError) -> str:
    """The name of the field that an error is about."""
    return error.pointer.lstrip("/").partition("/")[0]


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form that was sent.

    Raises:
        UnsupportedMediaType: the body is not a form.
        Malformed: the form cannot be read.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise UnsupportedMediaType("This page accepts forms: send application/x-www-form-urlencoded.")
    body = await request.body()
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise Malformed(
            f"The form cannot be read. It must be URL-encoded UTF-8 with at most {MOST_FIELDS} fields."
        ) from error
    return dict(pairs)


def convert(values: Mapping[str, str], kind: type[T]) -> T:
    """Convert the fields of a form to a struct of the API. Fields that the struct does not have are ignored.

    Raises:
        Invalid: values are missing or not valid; `errors` lists them.
    """
    given: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        found = _value(values.get(field.encode_name), field.type)
        if found is not UNSET:
            given[field.encode_name] = found
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        wrong = all_field_errors(error, given, kind, strict=False)
        raise Invalid("Some of the values cannot be used.", wrong) from error


def filled(stored: msgspec.Struct) -> Form:
    """The form with the values of an object."""
    values: dict[str, str] = {}
    for field in msgspec.structs.fields(type(stored)):
        value = getattr(stored, field.name)
        if isinstance(value, bool):
            values[field.encode_name] = CHECKED if value else ""
        else:
            values[field.encode_name] = "" if value is None or value is UNSET else str(value)
    return Form(values)


def _value(text: str | None, kind: Any) -> Any:
    info = msgspec.inspect.type_info(kind)
    choices = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    types = [one.type if isinstance(one, msgspec.inspect.Metadata) else one for one in choices]
    if any(isinstance(one, msgspec.inspect.BoolType) for one in types):
        return text == CHECKED
    lines = (text or "").replace("\r\n", "\n")
    plain = lines if "\n" in lines.strip() else lines.strip()
    if plain:
        return plain
    if any(isinstance(one, msgspec.inspect.NoneType) for one in types):
        return None
    is_text = any(isinstance(one, msgspec.inspect.StrType) for one in types)
    return "" if is_text and text is not None else UNSET


def _sentence(detail: str) -> str:
    text = detail[:1].upper() + detail[1:]
    return text if text.endswith((".", "!", "?")) else text + "."
