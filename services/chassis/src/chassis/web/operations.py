"""Operations: what a service can be asked, as data. Routes are made of them, and so is the OpenAPI document."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from chassis.errors import (
    FieldError,
    Invalid,
    Malformed,
    NotFound,
    RequestError,
    UnsupportedMediaType,
)
from chassis.validation import plain_errors
from chassis.validation.unique_names import Repeated, require_unique_names

T = TypeVar("T")
Endpoint = Callable[..., Awaitable[Response]]
ErrorResponder = Callable[[RequestError], Response]


class RequestHeader(msgspec.Struct, frozen=True, kw_only=True):
    """A header that an operation reads, for the document."""

    description: str
    pattern: str | None = None
    required: bool = False


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method on one path.

    `endpoint` is called with the request and, for each of `path_type`, `query_type` and `body_type` that is
    given, the decoded struct as `path`, `query` and `body`. What a query may leave out is UNSET in it, never None:
    msgspec would read the text `null` as None.
    """

    method: str
    path: str
    endpoint: Endpoint
    summary: str
    path_type: type[msgspec.Struct] | None = None
    query_type: type[msgspec.Struct] | None = None
    body_type: Any = None
    returns: Any = None
    """Type of the answer's JSON, for the document; None for an empty or other body."""
    media_type: str = "application/json"
    status: int = 200
    errors: Sequence[int] = ()
    """Status codes of its problems beyond those every operation can answer."""
    headers: Mapping[str, RequestHeader] = {}
    """Request headers it reads, by name."""
    bad_path: type[RequestError] = NotFound
    """What a path parameter that cannot be one is."""
    on_error: ErrorResponder | None = None
    """For a contract older than problem+json: answers its errors in its own way."""


def routes(operations: Sequence[Operation]) -> list[Route]:
    """One route a path, with all its methods, so that a wrong method is told which are right."""
    found = []
    for path, group in groupby(operations, attrgetter("path")):
        methods = {operation.method: operation for operation in group}
        if "GET" in methods:
            methods.setdefault("HEAD", methods["GET"])
        found.append(Route(path, _Dispatch(methods), methods=list(methods)))
    paths = [route.path for route in found]
    if len(set(paths)) != len(paths):
        raise ValueError("the operations of one path must stand together")
    return found


class _Dispatch:
    """An ASGI application, and not a function, which Starlette would wrap once more to look for errors."""

    def __init__(self, methods: Mapping[str, Operation]) -> None:
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        operation = self._methods[request.method]
        try:
            arguments = await _arguments(operation, request)
            response = await operation.endpoint(request, **arguments)
        except RequestError as error:
            if operation.on_error is None:
                raise
            response = operation.on_error(error)
        await response(scope, receive, send)


async def _arguments(operation: Operation, request: Request) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    if operation.path_type is not None:
        arguments["path"] = _path(request, operation)
    if operation.query_type is not None:
        arguments["query"] = _query(request, operation.query_type)
    if operation.body_type is not None:
        _require_json(request)
        body = await request.body()
        arguments["body"] = decode(body, operation.body_type)
        if operation.on_error is None:  # the older contracts take the last of several
            _require_unique_names(body)
    return arguments


def _require_unique_names(body: bytes) -> None:
    try:
        require_unique_names(body)
    except Repeated as error:
        detail = f"The body has the field {error.name!r} twice. Send each field once."
        raise Malformed(detail, [FieldError(f"/{error.name}", "repeated", detail)]) from error


def _path(request: Request, operation: Operation) -> msgspec.Struct:
    assert operation.path_type is not None  # noqa: S101  the only caller has looked
    try:
        path = msgspec.convert(request.path_params, operation.path_type, strict=False)
    except msgspec.ValidationError as error:
        wrong = explain(error, operation.path_type, strict=False)
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
            for one in explain_all(error, values, kind, strict=False)
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
            f"The body must be sent as it is, not compressed: without Content-Encoding: {coding}."
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
    """JSON as `kind`.

    Raises:
        Malformed: it is not JSON.
        Invalid: it is, but not of that kind; the error's pointer says where.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        wrong = explain_all(error, _json(body), kind, strict=True)
        raise Invalid(_sentence("body", wrong), wrong) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        _json(body)  # says what is wrong with it
        raise


def _json(body: bytes) -> object:
    """The value of a body, as far as it can be had.

    Raises:
        Malformed: it is not JSON.
    """
    if not body:
        raise Malformed("A body of JSON is needed, and the request has none.")
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
    except msgspec.ValidationError:  # it is JSON, with a number that Python cannot hold
        return None
    except msgspec.DecodeError as error:
        why = "half of a surrogate pair in an escape" if HALF_PAIR.search(text) else str(error)
        raise Malformed(f"The body is not JSON: {why}.") from error


def _sentence(part: str, wrong: Sequence[FieldError]) -> str:
    said = "; ".join(
        one.detail + (f", at {one.pointer}" if one.pointer and one.code != "unknown" else "") for one in wrong
    )
    return f"The {part} cannot be used: {said}."


def explain_all(
    first: msgspec.ValidationError, value: object, kind: object, *, strict: bool
) -> list[FieldError]:
    """All errors of a struct's fields, of which msgspec has raised the first, one for each field."""
    if not (isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return [explain(first, kind, strict=strict)]
    found = []
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name, field in fields.items():
        if name in value:
            try:
                msgspec.convert(value[name], field.type, strict=strict)
            except msgspec.ValidationError as error:
                found.append(explain(error, field.type, f"/{name}", strict=strict))
        elif field.required:
            found.append(FieldError(f"/{name}", "missing", plain_errors.missing(name)))
    if kind.__struct_config__.forbid_unknown_fields:
        found += [
            FieldError(f"/{name}", "unknown", plain_errors.unknown(name))
            for name in value
            if name not in fields
        ]
    return found or [explain(first, kind, strict=strict)]


def explain(
    error: msgspec.ValidationError, kind: object, below: str = "", *, strict: bool = True
) -> FieldError:
    """Where msgspec's message points, below a pointer, and what it says, as one error of a problem."""
    what, _, where = str(error).partition(" - at `")
    pointer = where.rstrip("`").removeprefix("$").replace("[...]", "/*").replace(".", "/")
    pointer = pointer.replace("[", "/").replace("]", "")
    field = FIELD.search(what)
    code = {"required": "missing", "unknown": "unknown"}[field[1]] if field else "invalid"
    detail = plain_errors.in_plain_words(what, kind, pointer.split("/")[1:], strict=strict)
    return FieldError(below + pointer + (f"/{field[2]}" if field else ""), code, detail)


HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
FIELD = re.compile(r"(required|unknown) field `(.*)`$")
