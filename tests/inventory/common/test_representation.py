"""Responses are made by this release's own SQL, are the same bytes as before, and have ETags for that SQL."""

import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from starlette.testclient import TestClient

import inventory
from chassis.database.queries import Queries
from inventory.app import OPERATIONS, create
from inventory.settings import InventorySettings

Sql = Callable[..., list[tuple[Any, ...]]]

STRANGE = 'A "B"\\\n\t\x01\x7f é \u2028 🧪 </script>'
ESCAPED = 'A \\"B\\"\\\\\\n\\t\\u0001\x7f é \u2028 🧪 </script>'
"""How PostgreSQL writes it in JSON."""

NEWER_FIELDS = r'(?:"\w+" : [^,]+, )*'
"""Fields that a kind got after the original program; `test_every_field` has their names and values."""

TIMES = r'"created_at" : "(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)", "updated_at" : "\1"}'


@pytest.fixture
def strange(client: TestClient, sql: Sql) -> TestClient:
    """The service with the example data, with text of every sort in it."""
    sql("update site set name = %s, contact = '' where id = 2", STRANGE)
    sql(
        "insert into event (id, user_id, description) values (%s, 'ada', %s), (%s, 'b', '')",
        ONE,
        STRANGE,
        TWO,
    )
    sql(
        "insert into notification (event_id, channel, state, finished_at)"
        " values (%s, 'log', 'pending', null), (%s, 'log', 'delivered', now())",
        ONE,
        TWO,
    )
    return client


ONE, TWO = "0b7e4f4e-3c9a-4b1e-8f55-6d2f6a2c9f10", "0b7e4f4e-3c9a-4b1e-8f55-6d2f6a2c9f11"
SITE_1 = (
    '{"id" : 1, "name" : "Site 1", "contact" : "John Smith", "address" : "123 Muffin Lane, Ann Arbor",'
    ' "state_or_region" : "MI", "country" : "USA", "postcode_or_zip" : "48103"}'
)
NO_ADDRESS = '"address" : null, "state_or_region" : null, "country" : null, "postcode_or_zip" : null}'
SITE_2 = f'{{"id" : 2, "name" : "{ESCAPED}", "contact" : "", {NO_ADDRESS}'
SITE_3 = f'{{"id" : 3, "name" : "Site 3", "contact" : null, {NO_ADDRESS}'
FREEZER_1 = '{"id" : 1, "name" : "-20C", "site_id" : 1}'
COMPUTER_1 = '{"id" : 1, "name" : "Computer 1", "mac" : "08:00:2b:01:02:03", "site_id" : 1}'
CONTAINER_1 = (
    '{"id" : 1, "uuid" : "5f0f2d3c-7f4b-4e0e-9a55-0f7c1f1b6a01", "description" : "Plasmid pUC19, 50 µL",'
    ' "freezer_id" : 1}'
)
USERS = (
    '{"id" : 1, "username" : "ada", "email" : "ada@example.org", "active" : true},'
    ' {"id" : 2, "username" : "grace", "email" : "grace@example.org", "active" : true}'
)
EVENTS = (
    f'{{"event_id" : "{ONE}", "user_id" : "ada", "description" : "{ESCAPED}", "status" : "NotProcessed"}},'
    f' {{"event_id" : "{TWO}", "user_id" : "b", "description" : "", "status" : "Processed"}}'
)
INSTRUMENT = (
    '{"computer_id" : 1, "freezer_id" : null, "name" : "Computer 1", "site_id" : 1, "site_name" : "Site 1"}'
)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/site/1", SITE_1),
        ("/sites", f"[{SITE_1}, {SITE_2}, {SITE_3}]"),
        ("/sites/", f"[{SITE_1}, {SITE_2}, {SITE_3}]"),
        ("/sites/1/1", f"[{SITE_2}]"),
        ("/sites/1/9", f"[{SITE_2}, {SITE_3}]"),
        ("/sites/3/9", "[]"),
        ("/sites/0/0", "[]"),
        ("/freezer/1", FREEZER_1),
        ("/freezers/0/1", f"[{FREEZER_1}]"),
        ("/computer/1", COMPUTER_1),
        ("/computers/0/1", f"[{COMPUTER_1}]"),
        ("/container/1", CONTAINER_1),
        ("/containers/0/1", f"[{CONTAINER_1}]"),
        ("/users/1", '{"status":"success","data":' + USERS.partition("}, ")[0] + "}}"),
        ("/users", '{"status":"success","data":{"users":[' + USERS + "]}}"),
        ("/events/", f"[{EVENTS}]"),
        ("/events", f"[{EVENTS}]"),
        (f"/events/{ONE}", EVENTS.partition("}, ")[0] + "}"),
    ],
)
def test_the_original_paths_return_the_same_bytes(strange: TestClient, path: str, body: str) -> None:
    assert strange.get(path).text == body


def test_the_original_list_of_instruments_is_the_same_bytes(strange: TestClient) -> None:
    assert strange.get("/instruments").text.startswith(f"[{INSTRUMENT}, {{")


@pytest.mark.parametrize(
    ("path", "original"),
    [
        ("/v1/sites/1", SITE_1),
        ("/v1/freezers/1", FREEZER_1),
        ("/v1/computers/1", COMPUTER_1),
        ("/v1/containers/1", CONTAINER_1),
        ("/v1/users/1", USERS.partition("}, ")[0] + "}"),
    ],
)
def test_v1_adds_the_times(strange: TestClient, path: str, original: str) -> None:
    assert re.fullmatch(re.escape(original[:-1]) + ", " + NEWER_FIELDS + TIMES, strange.get(path).text)


@pytest.mark.parametrize(
    "path", ["/sites", "/freezers", "/computers", "/containers", "/events/", "/instruments"]
)
def test_an_empty_list_is_two_bytes(empty: TestClient, path: str) -> None:
    assert empty.get(path).content == b"[]"


@pytest.fixture
def without_functions(own_url: str) -> Iterator[TestClient]:
    """The service on a schema without the functions that made JSON in earlier releases."""
    with psycopg.connect(own_url, autocommit=True) as connection:
        functions = connection.execute(
            "select oid::regprocedure from pg_proc where pronamespace = 'inventory'::regnamespace"
            " and proname in ('represent', 'legacy', 'rfc3339') order by proname = 'rfc3339'"
        ).fetchall()
        assert len(functions) == 15
        for (function,) in functions:
            connection.execute(f"drop function {function}".encode())
    with TestClient(create(InventorySettings(access="open", database_url=own_url))) as client:
        yield client


def test_no_response_depends_on_a_database_function(without_functions: TestClient) -> None:
    client = without_functions
    anything = {"If-Match": "*"}
    made = [
        client.post("/v1/sites", json={"name": "S"}),
        client.post("/v1/freezers", json={"name": "F", "site_id": 1}),
        client.post("/v1/computers", json={"name": "C", "site_id": 1}),
        client.post("/v1/containers", json={"freezer_id": 1}),
        client.post("/v1/users", json={"username": "u", "email": "u@example.org"}),
        client.post("/v1/events", json={"user_id": "u", "description": "d"}),
    ]
    places = [answer.headers["location"] for answer in made]
    original = ["/site/1", "/freezer/1", "/computer/1", "/container/1"]
    asked = [
        *(client.get(place) for place in places),
        *(client.get(place.rpartition("/")[0]) for place in places),
        *(client.patch(place, json={}, headers=anything) for place in places[:5]),
        *(client.get(path) for path in ("/v1/instruments", "/v1/notifications", "/v1/notifications/1")),
        client.put(f"/events/{places[5].rpartition('/')[2]}", json={"status": "Processed"}),
        client.post("/v1/notifications/1:replay"),
        *(client.get(path) for path in ("/instruments", "/users", "/users/1", "/events/")),
        *(client.get(path.replace("/1", "s")) for path in original),
        *(client.get(path) for path in original),
        *(client.post(path, json={"name": "N"}) for path in original[:3]),
        *(client.delete(path) for path in reversed(original)),
    ]
    assert [(answer.request.url.path, answer.text) for answer in asked if answer.status_code != 200] == []


NOT_EXPLAINED = {"wakeup.sql-listen"}  # it names no table, and cannot be explained


SOURCE = Path(inventory.__file__).parent


def blocks() -> Iterator[Any]:
    for file in sorted(SOURCE.glob("**/sql/*.sql")):
        package = ".".join(["inventory", *file.relative_to(SOURCE).parts[:-2]])
        for name in re.findall(r"^-- name: (\w+)", file.read_text(encoding="utf-8"), re.MULTILINE):
            if (ident := f"{file.name}-{name}") not in NOT_EXPLAINED:
                yield pytest.param(package, file.name, name, id=ident)


def statements_of_lists() -> Iterator[Any]:
    """Each list in each order, from the start and from a position, with each of its conditions and without any."""
    for file in sorted(SOURCE.glob("**/sql/*.sql")):
        queries = Queries(".".join(["inventory", *file.relative_to(SOURCE).parts[:-2]]), f"sql/{file.name}")
        for name, sort in product(queries.lists, queries.sorts):
            statements = [
                queries.statement(name, sort, conditions, descending=descending, following=following)
                for conditions in [[], *([one] for one in queries.conditions), list(queries.conditions)]
                for descending, following in product((False, True), repeat=2)
            ]
            yield pytest.param(statements, id=f"{file.name}-{name}-{sort}")


@pytest.mark.parametrize("statements", list(statements_of_lists()))
def test_every_statement_of_a_list_names_its_schema(url: str, statements: list[bytes]) -> None:
    without_schema = make_conninfo(url, options="-c search_path=")
    with psycopg.connect(without_schema, prepare_threshold=None) as connection:  # for a pooler
        for statement in statements:
            connection.execute(b"explain " + re.sub(rb"%\(\w+\)s", b"null", statement))


@pytest.mark.parametrize(("package", "file", "name"), list(blocks()))
def test_every_statement_names_its_schema(url: str, package: str, file: str, name: str) -> None:
    statement = getattr(Queries(package, f"sql/{file}"), name)
    with psycopg.connect(make_conninfo(url, options="-c search_path=")) as connection:
        connection.execute(b"explain " + re.sub(rb"%\(\w+\)s", b"null", statement))


def test_a_tag_names_the_version_and_the_representation(client: TestClient, kind: Any, sql: Sql) -> None:
    ((version,),) = sql(f"select version from {kind.table} where id = 1")
    assert re.fullmatch(rf'"{version}-[0-9a-f]{{8}}"', client.get(f"/v1/{kind.plural}/1").headers["etag"])


def test_a_tag_of_another_representation_never_gives_304(client: TestClient, kind: Any) -> None:
    path = f"/v1/{kind.plural}/1"
    tag = client.get(path).headers["etag"]
    for other in (re.sub(r"-[0-9a-f]+", "", tag), re.sub(r"-[0-9a-f]+", "-00000000", tag)):
        assert client.get(path, headers={"If-None-Match": other}).status_code == 200
        assert client.patch(path, json={}, headers={"If-Match": other}).status_code == 200


LISTS = [
    one.path for one in OPERATIONS if one.method == "GET" and "{" not in one.path and "json" in one.media_type
]


@pytest.mark.parametrize("path", LISTS)
def test_lists_have_a_strong_entity_tag_under_v1_and_none_at_the_original_paths(
    client: TestClient, path: str
) -> None:
    tag = client.get(path).headers.get("etag", "")
    assert tag.startswith('"') == path.startswith("/v1/")
