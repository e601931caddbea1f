"""Decodes path, query and body of a request into the types of its operation."""

import re
from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from chassis.errors import FieldError, Invalid, Malformed, UnsupportedMediaType
from chassis.validation.field_errors import all_field_errors, field_error
from chassis.validation.unique_names import RepeatedName, require_unique_names
from chassis.web.operations import Operation

T = TypeVar("T")


async def arguments_of(operation: Operation, request: Request) -> dict[str, Any]:
    """Decode the arguments of the operation's endpoint.

    Returns:
        `path`, `query` and `body`, each only if the operation has a type for it.

    Raises:
        RequestError: a part of the request is malformed or invalid.
    """
    arguments: dict[str, Any] = {}
    if operation.path_type is not None:
        arguments["path"] = _path(request, operation)
    if operation.query_type is not None:
        arguments["query"] = _query(request, operation.query_type)
    if operation.body_type is not None:
        _require_json(request)
        body = await request.body()
        arguments["body"] = decode(body, operation.body_type)
        if operation.on_error is None:  # the original paths accept this, and use the last field
            _require_unique_names(body)
    return arguments


def _require_unique_names(body: bytes) -> None:
    try:
        require_unique_names(body)
    except RepeatedName as error:
        detail = f"The body has the field {error.name!r} twice. Send each field once."
        raise Malformed(detail, [FieldError(f"/{error.name}", "repeated", detail)]) from error


def _path(request: Request, operation: Operation) -> msgspec.Struct:
    assert operation.path_type is not None  # noqa: S101  the only caller has checked it
    try:
        path = msgspec.convert(request.path_params, operation.path_type, strict=False)
    except msgspec.ValidationError as error:
        wrong = field_error(error, operation.path_type, strict=False)
        raise operation.bad_path(f"The {wrong.pointer.lstrip('/')!r} in the path: {wrong.detail}.") from error
    for name, text in request.path_params.items():
        if isinstance(value := getattr(path, name), int) and str(value) != text:
            raise operation.bad_path(
                f"The {name!r} in the path: {text!r} is not a whole number in its usual form."
            )
    return path


def _query(request: Request, kind: type[msgspec.Struct]) -> msgspec.Struct:
    values: dict[str, str] = {}
    for name, value in parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True):
        if name in values:
            raise Invalid(
                f"The parameter {name!r} is given twice.",
                [FieldError(name, "repeated", "given twice")],
            )
        values[name] = value
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        wrong = [
            FieldError(one.pointer.lstrip("/"), one.code, _unknown_parameter(one, kind) or one.detail)
            for one in all_field_errors(error, values, kind, strict=False)
        ]
        raise Invalid(_sentence("query", wrong), wrong) from error


def _unknown_parameter(wrong: FieldError, kind: type[msgspec.Struct]) -> str | None:
    if wrong.code != "unknown":
        return None
    fields = msgspec.structs.fields(kind)
    what = "list" if any(field.name == "cursor" for field in fields) else "path"
    known = ", ".join(field.encode_name for field in fields)
    return f"unknown parameter {wrong.pointer.lstrip('/')!r}; this {what} takes {known}"


def _require_json(request: Request) -> None:
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":
        raise UnsupportedMediaType(
            f"The body must not be compressed: send it without Content-Encoding: {coding}."
        )
    types = request.headers.getlist("content-type")
    if len(types) > 1:
        raise Malformed(f"Content-Type is given {len(types)} times. Send it once.")
    media_type = "".join(types).partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise UnsupportedMediaType(
            f"The body must be JSON: send Content-Type: application/json, not {media_type or 'nothing'!r}."
        )


def decode(body: bytes, kind: type[T]) -> T:
    """Decode JSON.

    Raises:
        Malformed: the body is not JSON.
        Invalid: the JSON is not of the type `kind`; `errors` lists all places.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        wrong = all_field_errors(error, _json(body), kind, strict=True)
        raise Invalid(_sentence("body", wrong), wrong) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        _json(body)  # raises Malformed with the reason
        raise


def _json(body: bytes) -> object:
    """Decode a body into plain JSON types; None if it has a number that Python cannot hold.

    Raises:
        Malformed: the body is not JSON.
    """
    if not body:
        raise Malformed("The request has no body. This path needs a JSON body.")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Malformed(
            f"The body is not UTF-8: byte {body[error.start]:#04x} at position {error.start}."
        ) from error
    try:
        return msgspec.json.decode(body)
    except RecursionError as error:
        raise Malformed("The body is not JSON that can be read: it is nested too deeply.") from error
    except msgspec.ValidationError:  # JSON with a number that Python cannot hold
        return None
    except msgspec.DecodeError as error:
        why = "half of a surrogate pair in an escape" if HALF_PAIR.search(text) else str(error)
        raise Malformed(f"The body is not JSON: {why}.") from error


def _sentence(part: str, wrong: Sequence[FieldError]) -> str:
    said = "; ".join(
        one.detail + (f", at {one.pointer}" if one.pointer and one.code != "unknown" else "") for one in wrong
    )
    return f"The {part} cannot be used: {said}."


HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
