"""The query of a list page: as the API's query, but forgiving, because forms send empty fields."""

from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from chassis.errors import FieldError, Invalid
from chassis.validation.field_errors import all_field_errors

T = TypeVar("T", bound=msgspec.Struct)


def page_query(request: Request, kind: type[T], **defaults: object) -> T:
    """The query parameters of a page. Empty parameters and those that `kind` does not have are ignored.

    Args:
        request: the request for the page.
        kind: type of the query.
        defaults: values of parameters that are not given, where the page differs from the API.

    Raises:
        Invalid: a parameter is not valid.
    """
    known = {field.encode_name for field in msgspec.structs.fields(kind)}
    values = defaults | {
        name: value.strip()
        for name, value in parse_qsl(request.scope["query_string"].decode("latin-1"))
        if name in known and value.strip()
    }
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        wrong = [
            FieldError(one.pointer.lstrip("/"), one.code, one.detail)
            for one in all_field_errors(error, values, kind, strict=False)
        ]
        said = "; ".join(f"{one.pointer}: {one.detail}" for one in wrong)
        raise Invalid(f"The address of this page has a value that cannot be used. {said}.", wrong) from error
