"""Each list under /v1 can be read in several orders, and all pages together have each item once and in order."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.inventory.kinds import KINDS, Kind
from tests.inventory.walking import ids, items, orders_of, pages, parameters_of

from inventory.containers.store import CONTAINER_LIST

Sql = Callable[..., list[tuple[Any, ...]]]

LONG = "Long " * 30
TEXTS = [
    "b",
    "B",
    "a",
    "Ä",
    "ä",
    "é",
    "É",
    "z",
    "🧪",
    "a b",
    "a%",
    "ǅ",
    LONG + "2",
    LONG + "1",
    "\x01" * 180,
    "🧪" * 180,
]
"""Text with equal beginnings, in both cases, and with the characters that take most bytes in a cursor."""

CASES = [
    pytest.param(kind, order, id=f"{kind.plural}-{order}")
    for kind in KINDS
    for order in orders_of(f"/v1/{kind.plural}")
]
LISTS = [f"/v1/{kind.plural}" for kind in KINDS] + ["/v1/instruments", "/v1/events", "/v1/notifications"]


def fill(client: TestClient, sql: Sql, kind: Kind) -> None:
    """Create rows with each text in each field that is sorted by text, and with equal times."""
    sorted_text = [name for name in kind.listing.positions if name in kind.body]
    assert sorted_text
    for field in sorted_text:
        for number, text in enumerate(TEXTS):
            value = f"{text.replace(' ', '').replace(chr(1), '!')}@b" if field == "email" else text
            row = kind.numbered_body(number) | {field: value[-200:]}
            response = client.post(f"/v1/{kind.plural}", json=row)
            assert response.status_code in (201, 409), response.text  # some fields are unique, ignoring case
    sql(f"update {kind.table} set created_at = '2026-01-01T10:00:00.123456Z' where id % 2 = 0")


def expected(sql: Sql, kind: Kind, order: str) -> list[int]:
    """The ids in an order, as PostgreSQL sorts the whole table."""
    column, direction = order.removeprefix("-"), "desc" if order.startswith("-") else "asc"
    key = column if column in ("id", "created_at", "updated_at") else f"lower(left({column}, 50))"
    return [
        ident for (ident,) in sql(f"select id from {kind.table} order by {key} {direction}, id {direction}")
    ]


@pytest.mark.parametrize(("kind", "order"), CASES)
def test_all_pages_have_each_row_once_and_in_order(
    client: TestClient, sql: Sql, kind: Kind, order: str
) -> None:
    fill(client, sql, kind)
    walked = list(pages(client, f"/v1/{kind.plural}", sort=order, limit=2))
    found = [item["id"] for page in walked for item in page["items"]]
    assert len(found) > len(TEXTS)
    assert found == expected(sql, kind, order)
    assert max(len(page.get("next", "")) for page in walked) <= 500


@pytest.mark.parametrize(("kind", "order"), CASES)
def test_rows_that_are_created_between_two_pages_repeat_and_hide_no_other_row(
    client: TestClient, sql: Sql, kind: Kind, order: str
) -> None:
    fill(client, sql, kind)
    before = expected(sql, kind, order)
    found = []
    for number, page in enumerate(pages(client, f"/v1/{kind.plural}", sort=order, limit=7)):
        found += [item["id"] for item in page["items"]]
        client.post(f"/v1/{kind.plural}", json=kind.numbered_body(50 + number)).raise_for_status()
    assert len(set(found)) == len(found)
    assert [ident for ident in found if ident in before] == before


def test_no_order_given_is_the_order_of_ids(client: TestClient, sql: Sql, kind: Kind) -> None:
    fill(client, sql, kind)
    assert ids(client, f"/v1/{kind.plural}", limit=1000) == expected(sql, kind, "id")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("order", ["", "colour", "--id", "ID", "id,name", "null"])
def test_an_unknown_order_is_refused(client: TestClient, path: str, order: str) -> None:
    response = client.get(path, params={"sort": order})
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "sort")


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_of_another_order_or_search_is_refused(client: TestClient, sql: Sql, path: str) -> None:
    sql("insert into event (user_id, description) select 'ada', 'x' from generate_series(1, 3)")
    sql("insert into notification (event_id, channel) select id, 'log' from event")
    default, *others = orders_of(path)
    cursor = client.get(path, params={"limit": 1}).json()["next"]
    assert client.get(path, params={"cursor": cursor, "sort": default}).status_code == 200
    changed = [{"sort": order} for order in others] + [{"q": "a"}] * ("q" in parameters_of(path))
    for parameters in changed:
        response = client.get(path, params={"cursor": cursor, **parameters})
        assert (response.status_code, "order" in response.json()["detail"]) == (400, True)


@pytest.mark.parametrize("order", orders_of("/v1/instruments"))
def test_instruments_are_in_order(client: TestClient, sql: Sql, order: str) -> None:
    for text in ("b", "B", "é", "É", "computer 1", "🧪"):
        client.post("/v1/freezers", json={"name": text, "site_id": 2}).raise_for_status()
        client.post("/v1/computers", json={"name": text, "site_id": 1}).raise_for_status()
    direction = "desc" if order.startswith("-") else "asc"
    key = "site_id" if order == "site" else f"lower(name) {direction}"
    expected = sql(
        f"select computer_id, freezer_id from instrument order by {key}, rank {direction}, id {direction}"
    )
    found = items(client, "/v1/instruments", sort=order, limit=2)
    assert [(one["computer_id"], one["freezer_id"]) for one in found] == expected
    assert len(expected) == 16


@pytest.mark.parametrize(
    ("sort", "position"),
    [("id", [7]), ("description", ["5", 7]), ("created_at", ["now", 7]), ("updated_at", ["now", 7])],
)
@pytest.mark.parametrize("descending", [False, True])
def test_a_page_of_containers_is_read_from_an_index(
    stocked: str, sql: Sql, sort: str, position: list[object], *, descending: bool
) -> None:
    assert stocked
    sql(
        "insert into container (description, freezer_id, created_at)"
        " select md5(n::text), 1, now() - n * interval '1 minute' from generate_series(1, 5000) as n"
    )
    sql("analyze container")
    statement = CONTAINER_LIST.queries.statement("page", sort, descending=descending, following=True)
    values = {"rows": 51, "bytes": 2**20} | {f"after_{n}": value for n, value in enumerate(position, 1)}
    names = re.findall(r"%\((\w+)\)s", statement.decode())
    plan = sql("explain " + re.sub(r"%\(\w+\)s", "%s", statement.decode()), *[values[name] for name in names])
    scans = [line for (line,) in plan if "Scan" in line and "Subquery" not in line]
    assert len(scans) == 1
    assert re.search(r"Index Scan (Backward )?using container_", scans[0])
