"""The original paths of a kind of thing: `/sites`, `/sites/{offset}/{limit}`, `/site/{id}`. Thin, over the same SQL.

Their contract knows three codes: 200 done, 400 malformed or refused, 404 missing. Text may be written as a number,
which is then taken as its text, as it was written. Fields that they do not know are ignored.
"""

import builtins
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Raw
from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import FieldError, Invalid, Malformed, RequestError, Unavailable
from chassis.web import problem
from chassis.web.json_stream import JsonStreams
from chassis.web.operations import ErrorResponder, Operation, decode
from inventory.collection import named
from inventory.common import rows as store
from inventory.common.fields import ById
from inventory.original.fields import LegacyKind
from inventory.resource import patch_type

NUMBER = b"-0123456789"
"""What a number in JSON can begin with."""

Count = Annotated[int, Meta(ge=0, le=2_147_483_647)]


class Slice(msgspec.Struct, frozen=True):
    """The path of a part of a list."""

    offset: Count
    limit: Count


def operations(kind: LegacyKind) -> Sequence[Operation]:
    """What can be asked of a kind at its original paths."""
    return _Original(kind).operations()


def answering(bad: int) -> ErrorResponder:
    """The original's codes for what can go wrong: `bad` is whatever is not merely missing, or away for now."""

    def answer(error: RequestError) -> Response:
        if isinstance(error, Unavailable):
            return problem.respond(503, error.detail, headers={"Retry-After": str(error.retry_after)})
        status = problem.status_of(error)
        return problem.respond(404 if status == 404 else bad, error.detail, error.errors)  # noqa: PLR2004  not found

    return answer


def json(body: bytes) -> Response:
    """A body that is JSON already."""
    return Response(body, media_type="application/json")


def streams(request: Request) -> JsonStreams:
    """What answers with complete lists."""
    found: JsonStreams = request.state.streams
    return found


class _Original:
    def __init__(self, kind: LegacyKind) -> None:
        self.kind = kind
        self.resource = kind.resource
        self.patch = patch_type(kind.resource)
        self.aliases = ("id", f"{kind.resource.kind}_id")

    def operations(self) -> Sequence[Operation]:
        kind, plural = self.resource.kind, self.resource.plural
        answered = self.kind.answered
        common: dict[str, Any] = {"on_error": answering(400), "returns": answered}
        many: dict[str, Any] = {**common, "returns": builtins.list[answered]}  # type: ignore[valid-type]  # each kind has its own
        item: dict[str, Any] = {"path": f"/{kind}/{{id}}", "path_type": ById}
        return [
            *(
                Operation(
                    method="GET",
                    path=path,
                    endpoint=named(name, self.list),
                    summary=f"Every {kind}, by id",
                    errors=(503,),
                    **many,
                )
                for path, name in (
                    (f"/{plural}", f"all_{plural}"),
                    (f"/{plural}/", f"all_{plural}_slash"),
                )
            ),
            Operation(
                method="GET",
                path=f"/{plural}/{{offset}}/{{limit}}",
                endpoint=named(f"slice_{plural}", self.slice),
                summary=f"A slice of the {plural}, by id",
                path_type=Slice,
                bad_path=Malformed,
                errors=(400, 503),
                **many,
            ),
            Operation(
                method="GET",
                endpoint=named(f"read_{kind}", self.get),
                summary=f"One {kind}",
                errors=(404, 503),
                **item,
                **common,
            ),
            Operation(
                method="POST",
                endpoint=named(f"write_{kind}", self.put),
                summary=f"Create a {kind} with that id, or change the given fields of the one that has it",
                body_type=self.kind.written,
                bad_path=Malformed,
                errors=(400, 413, 503),
                **item,
                **common,
            ),
            Operation(
                method="DELETE",
                endpoint=named(f"remove_{kind}", self.delete),
                summary=f"Remove a {kind} that nothing refers to",
                errors=(400, 404, 503),
                **item,
                **common,
            ),
        ]

    async def list(self, request: Request) -> Response:
        return await streams(request).array(request, self.resource.sql.legacy_list, 0)

    async def slice(self, request: Request, path: Slice) -> Response:
        sql = self.resource.sql
        return await streams(request).array(request, sql.legacy_list, 0, offset=path.offset, limit=path.limit)

    async def get(self, request: Request, path: ById) -> Response:
        return json(await store.legacy_get(request.state.database, self.resource, path.id))

    async def put(self, request: Request, path: ById, body: msgspec.Struct) -> Response:
        given = msgspec.structs.asdict(body)
        for alias in self.aliases:
            if given.pop(alias) not in (UNSET, path.id):
                detail = f"The body says another {alias} than the path, {path.id}."
                raise Invalid(detail, [FieldError(f"/{alias}", "disagrees", detail)])
        fields = decode(msgspec.json.encode(_as_text(given)), self.patch)
        written = await store.legacy_put(
            request.state.database, self.resource, path.id, msgspec.json.encode(fields).decode()
        )
        return json(written)

    async def delete(self, request: Request, path: ById) -> Response:
        return json(await store.legacy_delete(request.state.database, self.resource, path.id))


def _as_text(given: dict[str, Any]) -> dict[str, Any]:
    """The given fields; a number where text is meant is put into quotes."""
    fields = {}
    for name, value in given.items():
        if isinstance(value, Raw):
            raw = bytes(value)
            if raw:
                fields[name] = Raw(b'"' + raw + b'"') if raw[:1] in NUMBER else value
        elif value is not UNSET:
            fields[name] = value
    return fields
