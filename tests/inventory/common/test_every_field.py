"""Each field of a kind is a column of its table, and every way to write and read the kind knows it.

A failure names the file to change.
"""

import re
import types
from collections.abc import Callable
from typing import Any, Union, get_args

import msgspec
from msgspec import UnsetType
from starlette.testclient import TestClient
from tests.inventory.kinds import HERE, KINDS, Kind
from tests.inventory.walking import orders_of, parameters_of

from chassis.database.queries import Queries
from chassis.web.operations import Operation
from inventory.app import OPERATIONS

Sql = Callable[..., list[tuple[Any, ...]]]

GIVEN_BY_THE_DATABASE = ["id", "created_at", "updated_at"]
"""Fields of every stored row that a client cannot set."""

INTERNAL = {"version"}
"""Columns of every table that no field shows. The version is in the ETag."""

TABLES_OF_NO_KIND = {"event", "notification", "idempotency_key", "account_identity", "schema_migration"}
"""Tables without a collection under /v1 in which rows are created, changed and deleted."""


def fields(struct: type[msgspec.Struct]) -> list[str]:
    return [field.name for field in msgspec.structs.fields(struct)]


def types_of(struct: type[msgspec.Struct]) -> dict[str, Any]:
    return {field.name: field.type for field in msgspec.structs.fields(struct)}


def members(kind: Any) -> set[Any]:
    """The types of a union; a type that is none is a union of one."""
    is_union = isinstance(kind, types.UnionType) or getattr(kind, "__origin__", None) is Union
    return set(get_args(kind)) if is_union else {kind}


def columns(sql: Sql, table: str) -> dict[str, str]:
    """The type of each column of a table."""
    query = (
        "select column_name, data_type from information_schema.columns"
        " where table_schema = 'inventory' and table_name = %s"
    )
    return dict(sql(query, table))


def operation(kind: Kind, method: str, path: str) -> Operation:
    found = [one for one in OPERATIONS if (one.method, one.path) == (method, path)]
    assert found, (
        f"there is no {method} {path}: write it in inventory/{kind.package}/routes.py and list it in OPERATIONS there;"
        " if the package is new, add its OPERATIONS to inventory/app.py"
    )
    return found[0]


def test_each_table_has_a_kind(sql: Sql) -> None:
    tables = {
        name
        for (name,) in sql(
            "select table_name from information_schema.tables"
            " where table_schema = 'inventory' and table_type = 'BASE TABLE'"
        )
    }
    for table in sorted(tables - TABLES_OF_NO_KIND):
        assert table in {kind.table for kind in KINDS}, (
            f"no kind in {HERE} has the table inventory.{table}; add one, or list the table in TABLES_OF_NO_KIND"
        )


def test_each_kind_has_its_operations_and_they_use_its_structs(kind: Kind) -> None:
    many, one = f"/v1/{kind.plural}", f"/v1/{kind.plural}/{{id}}"
    assert operation(kind, "GET", many).returns.__args__ == (kind.stored,)
    assert (operation(kind, "POST", many).body_type, operation(kind, "POST", many).returns) == (
        kind.new,
        kind.stored,
    )
    assert operation(kind, "GET", one).returns is kind.stored
    assert (operation(kind, "PATCH", one).body_type, operation(kind, "PATCH", one).returns) == (
        kind.patch,
        kind.stored,
    )
    assert operation(kind, "DELETE", one).status == 204


def test_each_query_parameter_of_a_list_has_its_block(kind: Kind) -> None:
    listing, queries = kind.listing, kind.listing.queries
    parameters = parameters_of(f"/v1/{kind.plural}")
    orders = {order.removeprefix("-") for order in orders_of(f"/v1/{kind.plural}")}
    for order in sorted(orders | set(queries.sorts) | set(listing.positions)):
        assert order in queries.sorts, f"there is no `-- sort: {order}` in inventory/{kind.sql}"
        assert order in listing.positions, (
            f"the list of {kind.plural} in inventory/{kind.package}/store.py has no type of position for {order}"
        )
        for value in (order, f"-{order}"):
            assert value in orders_of(f"/v1/{kind.plural}"), (
                f"`sort` in inventory/{kind.module} has no value {value!r}, and inventory/{kind.sql} has that order"
            )
    filters = set(parameters) - {"limit", "cursor", "total", "sort"}
    for name in sorted(filters):
        assert name in queries.conditions, (
            f"the list of {kind.plural} has the filter {name}, and inventory/{kind.sql} has no `-- condition: {name}`"
        )


def test_the_example_data_has_one_of_each_kind(client: TestClient, kind: Kind) -> None:
    route = operation(kind, "GET", f"/v1/{kind.plural}/{{id}}")
    found = client.get(route.path.format(id=1))
    assert found.status_code != 404, (
        f"the tests use the {kind.name} 1 of the example data; insert it in inventory/sql/example_data.sql,"
        " in a statement that inventory/example_data.py runs"
    )
    assert found.status_code == 200, f"{found.status_code} {found.text}"


def test_each_column_is_a_field_and_each_field_a_column(sql: Sql, kind: Kind) -> None:
    stored, module = kind.stored.__name__, f"inventory/{kind.module}"
    found = columns(sql, kind.table)
    for column in found:
        assert column in fields(kind.stored) or column in INTERNAL, (
            f"column {column} of inventory.{kind.table} is in no field of {stored} ({module});"
            " add it there, or list it as internal in this test"
        )
    for field in fields(kind.stored):
        assert field in found, (
            f"{stored} ({module}) has {field}, and inventory.{kind.table} has no such column; write a migration"
        )


def test_what_can_be_created_can_be_patched_and_read(kind: Kind) -> None:
    new, patch, stored = types_of(kind.new), types_of(kind.patch), types_of(kind.stored)
    settable = [name for name in stored if name not in GIVEN_BY_THE_DATABASE]
    for struct in (kind.new, kind.patch):
        for name in settable:
            assert name in fields(struct), (
                f"{kind.stored.__name__} has {name}, and {struct.__name__} (inventory/{kind.module}) has not"
            )
        assert fields(struct) == settable, (
            f"{struct.__name__} and {kind.stored.__name__} (inventory/{kind.module}) must have the same fields in the"
            " same order"
        )
    assert list(stored) == ["id", *settable, "created_at", "updated_at"]
    for name in settable:
        assert members(patch[name]) == members(new[name]) | {UnsetType}, (
            f"{kind.patch.__name__}.{name} (inventory/{kind.module}) must have the type of {kind.new.__name__}.{name},"
            " with `| UnsetType`"
        )
        assert members(stored[name]) == members(new[name]) - {UnsetType}, (
            f"{kind.stored.__name__}.{name} (inventory/{kind.module}) must have the type of {kind.new.__name__}.{name}"
        )


def test_each_field_has_two_values_to_test_with(kind: Kind) -> None:
    for field in msgspec.structs.fields(kind.new):
        for values in (kind.created, kind.changed):
            assert field.name in values, (
                f"{field.name} of {kind.new.__name__} has no value in `created` or `changed` of the kind in {HERE}"
            )
        first, second = kind.created[field.name], kind.changed[field.name]
        assert None not in (first, second)
        assert field.default != first != second, (
            f"{field.name} in {HERE}: two values, the first not the default"
        )
    assert list(kind.created) == list(kind.changed) == fields(kind.new)


def test_a_change_makes_another_body(kind: Kind) -> None:
    body = msgspec.convert(kind.body, kind.new)
    assert msgspec.convert(kind.body | kind.change, kind.new) != body, (
        f"`change` of the kind {kind.name} in {HERE} leaves `body` as it is, with the defaults of {kind.new.__name__};"
        " choose another value"
    )


def test_several_rows_can_be_created(client: TestClient, kind: Kind) -> None:
    for number in range(3):
        created = client.post(f"/v1/{kind.plural}", json=kind.numbered_body(number))
        assert created.status_code != 409, (
            f"two rows with the `body` of the kind {kind.name} in {HERE} are in conflict; add each field of `body` that"
            f" must be unique to `unique` of the kind: {created.text}"
        )
        assert created.status_code == 201, created.text


def test_a_page_counts_the_bytes_of_all_text(sql: Sql, kind: Kind) -> None:
    before = getattr(Queries(f"inventory.{kind.package}", f"sql/{kind.table}.sql"), "before", None)
    if before is None:  # no text is so long that a page of 1000 rows would be too large
        return
    counted = set(re.findall(r"\w+", before.decode()))
    for column, data_type in columns(sql, kind.table).items():
        assert data_type != "text" or column in counted, (
            f"`before` in inventory/{kind.sql} does not count the bytes of {column}; add it there"
        )


def assert_written(
    kind: Kind, struct: type[msgspec.Struct], block: str, sent: dict[str, Any], found: Any
) -> None:
    """Check that the stored values are those that were sent."""
    for name, value in sent.items():
        assert name in found, (
            f"{kind.stored.__name__} has {name}, and `json` in inventory/{kind.sql} does not return it; add it there"
        )
        assert found[name] == value, (
            f"{struct.__name__} has {name}, and {block} in inventory/{kind.sql} does not write it;"
            " add it to `columns` there"
        )


def test_every_field_is_created_and_read_back(client: TestClient, kind: Kind) -> None:
    created = client.post(f"/v1/{kind.plural}", json=kind.created)
    assert created.status_code == 201, created.text
    assert_written(kind, kind.new, "create", kind.created, created.json())
    assert list(created.json()) == fields(kind.stored), (
        f"`json` in inventory/{kind.sql} must have the fields of {kind.stored.__name__}, in the same order"
    )
    assert client.get(created.headers["location"]).json() == created.json()
    assert client.get(f"/v1/{kind.plural}?limit=1000").json()["items"][-1] == created.json()


def test_every_field_is_patched_by_itself_and_read_back(client: TestClient, kind: Kind) -> None:
    created = client.post(f"/v1/{kind.plural}", json=kind.created)
    assert created.status_code == 201, created.text
    place = created.headers["location"]
    expected = client.get(place).json()
    for name, value in kind.changed.items():
        patched = client.patch(place, json={name: value}, headers={"If-Match": "*"})
        assert patched.status_code == 200, patched.text
        assert_written(kind, kind.patch, "patch", {name: value}, patched.json())
        expected |= {name: value, "updated_at": patched.json()["updated_at"]}
        assert patched.json() == expected
        assert client.get(place).json() == expected


def test_every_field_is_patched_at_once_and_read_back(client: TestClient, kind: Kind) -> None:
    created = client.post(f"/v1/{kind.plural}", json=kind.created)
    assert created.status_code == 201, created.text
    place = created.headers["location"]
    patched = client.patch(place, json=kind.changed, headers={"If-Match": "*"})
    assert patched.status_code == 200, patched.text
    assert_written(kind, kind.patch, "patch", kind.changed, client.get(place).json())
