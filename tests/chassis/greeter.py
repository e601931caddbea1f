"""A small service, built from the chassis as a real one is."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any, Protocol

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from chassis.errors import PreconditionFailed
from chassis.process import logs
from chassis.process.settings import PathPrefix, Settings
from chassis.validation.patterns import NOT_BLANK
from chassis.web.app import Service, create_app
from chassis.web.conditional import expected_versions, respond_conditionally
from chassis.web.operations import Operation
from chassis.web.pagination import Page, Paging

SERVICE = Service("chassis", "A service for tests.")


class GreeterSettings(Settings, frozen=True, kw_only=True):
    path_prefix: PathPrefix = "/greeter"


class Greeting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(pattern=NOT_BLANK, max_length=2000)]
    tags: list[int] = []


class ById(msgspec.Struct, frozen=True):
    id: Annotated[int, Meta(ge=1, le=99)]


class Filters(Paging, frozen=True, kw_only=True, forbid_unknown_fields=True):
    word: str | None = None


async def echo(_: Request, body: Greeting) -> Response:
    return Response(msgspec.json.encode(body), 201, media_type="application/json")


async def search(_: Request, query: Filters) -> Response:
    return Response(msgspec.json.encode(query), media_type="application/json")


async def item(request: Request, path: ById) -> Response:
    return respond_conditionally(request, b'{"text":"' + b"x" * path.id * 100 + b'"}', tag=path.id)


async def change(request: Request, path: ById, body: Greeting) -> Response:
    versions = expected_versions(request)
    if versions is not None and path.id not in versions:
        raise PreconditionFailed("It has changed since you read it.")
    return respond_conditionally(request, msgspec.json.encode(body), tag=path.id + 1)


async def explode(_: Request) -> Response:
    raise ZeroDivisionError("a fault inside")


OPERATIONS = [
    Operation(
        method="GET",
        path="/v1/greetings",
        endpoint=search,
        summary="Search",
        needs="nothing",
        description="It finds greetings by `name`.",
        query_type=Filters,
        returns=Page[Greeting],
    ),
    Operation(
        method="POST",
        path="/v1/greetings",
        endpoint=echo,
        summary="Echo",
        needs="nothing",
        body_type=Greeting,
        returns=Greeting,
        status=201,
        errors=(400, 413, 415, 422),
    ),
    Operation(
        method="GET",
        path="/v1/greetings/{id}",
        endpoint=item,
        summary="One",
        needs="nothing",
        path_type=ById,
        returns=Greeting,
        errors=(404,),
    ),
    Operation(
        method="PATCH",
        path="/v1/greetings/{id}",
        endpoint=change,
        summary="Change one",
        needs="nothing",
        path_type=ById,
        body_type=Greeting,
        returns=Greeting,
    ),
    Operation(method="GET", path="/explode", endpoint=explode, summary="A fault", needs="nothing"),
]


class MakeClient(Protocol):
    """The fixture `make_client`: starts the service with these settings and arguments of `create_app`."""

    def __call__(self, settings: dict[str, Any] | None = None, **more: Any) -> TestClient: ...


@contextmanager
def making_clients(folder: Path) -> Iterator[MakeClient]:
    """Yield a function that starts the service; all of them are stopped at the end of the block."""
    with ExitStack() as started:

        def make(settings: dict[str, Any] | None = None, **more: Any) -> TestClient:
            chosen = GreeterSettings(
                **{"access": "open", "commit_file": str(folder / "commit"), **(settings or {})}
            )
            logs.configure(chosen, SERVICE.name, SERVICE.version)
            app = create_app(SERVICE, chosen, OPERATIONS, **more)
            return started.enter_context(TestClient(app, raise_server_exceptions=False))

        yield make
