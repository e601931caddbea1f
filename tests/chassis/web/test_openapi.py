"""The OpenAPI document: resources, limits, meanings and examples."""

import json
import shlex
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient
from tests.chassis.greeter import MakeClient

from chassis.access.permissions import Need, Resource
from chassis.validation.patterns import MAC_ADDRESS
from chassis.web import curl
from chassis.web.conditional import IF_MATCH
from chassis.web.curl import CONTINUED
from chassis.web.examples import example
from chassis.web.openapi import document, tag
from chassis.web.operations import Operation


class Lamp(msgspec.Struct):
    """A lamp.

    It has a socket.
    """

    socket: Annotated[str, Meta(description="Its socket", examples=["E27"])]
    maker: Annotated[str, Meta(description="Who made it", max_length=5)] | None = None
    watts: Annotated[int, Meta(ge=2, le=100)] = 40


class ByRoom(msgspec.Struct):
    room: Annotated[str, Meta(examples=["living room/2"])]


class Colours(msgspec.Struct):
    colour: Literal["white", "amber"]
    dimmed: bool | UnsetType = UNSET


async def put_lamp(_: Request) -> Response:
    return Response()


PUT_LAMP = Operation(
    method="PUT",
    path="/v1/rooms/{room}/lamp",
    endpoint=put_lamp,
    summary="Put a lamp into a room",
    needs="nothing",
    path_type=ByRoom,
    query_type=Colours,
    body_type=Lamp,
    returns=Lamp,
    errors=(404,),
    headers=IF_MATCH,
)


def described(origin: str = "") -> dict[str, Any]:
    return document("Lamps", "About lamps.", "1", "/lamps", [PUT_LAMP], origin)


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/v1/containers", "containers"),
        ("/v1/containers/{id}", "containers"),
        ("/v1/notifications/{id}:replay", "notifications"),
        ("/v1/balances/total", "balances"),
        ("/health/ready", "service"),
        ("/metadata", "service"),
        ("/v1/me", "service"),
        ("/", "original paths"),
        ("/containers", "original paths"),
    ],
)
def test_the_tag_of_an_operation_is_its_resource(path: str, resource: str) -> None:
    assert tag(path) == resource


def test_the_tags_of_the_document_end_with_those_outside_of_v1(client: TestClient) -> None:
    tags = client.get("/openapi.json").json()["tags"]
    assert [one["name"] for one in tags] == ["greetings", "service", "original paths"]


def test_a_parameter_has_its_limits_and_its_default(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/v1/greetings"]["get"]
    schemas = {one["name"]: one["schema"] for one in operation["parameters"]}
    assert schemas["limit"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}
    assert "default" not in schemas["cursor"]


def test_the_description_of_a_struct_is_its_docstring_without_indentation() -> None:
    assert described()["components"]["schemas"]["Lamp"]["description"] == "A lamp.\n\nIt has a socket."


def test_a_field_that_may_be_null_has_its_description() -> None:
    maker = described()["components"]["schemas"]["Lamp"]["properties"]["maker"]
    assert maker["description"] == "Who made it"


def test_an_error_says_what_it_means() -> None:
    error = described()["paths"]["/v1/rooms/{room}/lamp"]["put"]["responses"]["404"]
    assert error["description"] == "Not Found. The object does not exist."


def test_bodies_and_responses_have_an_example() -> None:
    operation = described()["paths"]["/v1/rooms/{room}/lamp"]["put"]
    expected = {"socket": "E27", "maker": "text", "watts": 40}
    assert operation["requestBody"]["content"]["application/json"]["example"] == expected
    assert operation["responses"]["200"]["content"]["application/json"]["example"] == expected


def test_the_example_request_has_what_the_operation_needs_and_nothing_else() -> None:
    sample = described()["paths"]["/v1/rooms/{room}/lamp"]["put"]["x-codeSamples"][0]["source"]
    words = shlex.split(sample.replace(CONTINUED, " "))
    assert words[:4] == [
        "curl",
        "-X",
        "PUT",
        "http://127.0.0.1:8000/lamps/v1/rooms/living%20room%2F2/lamp?colour=amber",
    ]
    assert words[4:8] == ["-H", "Content-Type: application/json", "-H", "If-Match: *"]
    assert json.loads(words[9]) == {"socket": "E27", "maker": "text", "watts": 40}


def test_the_example_request_goes_to_the_public_origin(make_client: MakeClient) -> None:
    client = make_client({"public_origin": "https://lab.example"})
    operation = client.get("/openapi.json").json()["paths"]["/v1/greetings"]["get"]
    assert operation["x-codeSamples"][0]["source"] == "curl https://lab.example/greeter/v1/greetings"


def test_a_shell_passes_the_body_to_curl_unchanged() -> None:
    body = {"text": 'it\'s $HOME `ls` "é" \\'}
    words = shlex.split(curl.command("POST", "http://host/path", {}, body).replace(CONTINUED, " "))
    assert json.loads(words[words.index("-d") + 1]) == body


LAMPS = Resource("lamps", get="viewer", update="keeper")
ROOMS = Resource("rooms", get="viewer")

NEEDS: list[tuple[Need, list[str], str]] = [
    ("nothing", [], ""),
    ("identity", ["identity"], "The caller must have signed in."),
    (LAMPS.to("get"), ["get lamps"], "The caller needs the permission `get` on `lamps` (role viewer)."),
    (
        (LAMPS.to("update"), ROOMS.to("get")),
        ["update lamps", "get rooms"],
        "The caller needs the permission `update` on `lamps` (role keeper) and `get` on `rooms` (role viewer).",
    ),
]


def needing(need: Need, *, method: str = "GET", is_open: bool = False) -> Any:
    """The description of an operation with this need."""
    operation = msgspec.structs.replace(PUT_LAMP, needs=need, method=method)
    paths = document("Lamps", "", "1", "/lamps", [operation], is_open=is_open)["paths"]
    return paths["/v1/rooms/{room}/lamp"][method.lower()]


@pytest.mark.parametrize(("need", "listed", "told"), NEEDS, ids=str)
def test_an_operation_says_what_its_caller_needs(need: Need, listed: list[str], told: str) -> None:
    operation = needing(need)
    assert operation["x-benchtop-needs"] == listed
    assert operation.get("description", "") == told


def test_an_operation_for_signed_in_callers_takes_a_token_or_a_session() -> None:
    assert needing("identity")["security"] == [{"bearer": []}, {"session": []}]
    assert needing("nothing")["security"] == []


def test_an_open_service_takes_requests_without_credentials() -> None:
    assert needing("identity", is_open=True)["security"] == [{"bearer": []}, {"session": []}, {}]


def test_the_example_request_has_a_token_if_one_is_needed() -> None:
    option = '-H "Authorization: Bearer $TOKEN"'
    for need, is_open, has_token in (
        ("identity", False, True),
        ("identity", True, False),
        ("nothing", False, False),
    ):
        source = needing(need, is_open=is_open)["x-codeSamples"][0]["source"]  # type: ignore[arg-type]  # a literal
        assert (option in source) is has_token


def test_the_ways_to_sign_in_are_described() -> None:
    schemes = described()["components"]["securitySchemes"]
    assert (schemes["bearer"]["scheme"], schemes["session"]["name"]) == ("bearer", "__Host-benchtop")


@pytest.mark.parametrize(
    ("need", "method", "errors"),
    [
        ("nothing", "GET", {"404"}),
        ("nothing", "PUT", {"403", "404"}),
        ("identity", "GET", {"401", "403", "404", "503"}),
        (LAMPS.to("get"), "GET", {"401", "403", "404", "503"}),
    ],
)
def test_an_operation_has_the_errors_of_its_need(need: Need, method: str, errors: set[str]) -> None:
    assert set(needing(need, method=method)["responses"]) - {"200", "304"} == errors


class Shelf(msgspec.Struct):
    lamps: list[Lamp]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Annotated[int, Meta(ge=3)], 3),
        (Annotated[int, Meta(ge=3, examples=[7])], 7),
        (int | None, 1),
        (bool, True),
        (str, "text"),
        (Annotated[str, Meta(pattern=MAC_ADDRESS)], "08:00:2b:01:02:03"),
        (UUID, "5b8f9d5e-0b1c-4f0e-9a53-0f6f5a4f2a10"),
        (Literal["b", "a"], "a"),
        (list[int], [1]),
        (dict[str, int], {"name": 1}),
        (dict[str, Any], {}),
        (Shelf, {"lamps": [{"socket": "E27", "maker": "text", "watts": 40}]}),
    ],
)
def test_the_example_of_a_type(kind: Any, value: Any) -> None:
    (schema,), components = msgspec.json.schema_components([kind])
    assert example(schema, components) == value
    msgspec.convert(value, kind)


def test_a_pattern_without_an_example_is_an_error_that_names_it() -> None:
    (schema,), components = msgspec.json.schema_components([Annotated[str, Meta(pattern="^[x]+$")]])
    with pytest.raises(ValueError, match=r"\^\[x\]\+\$"):
        example(schema, components)
