"""The parameter `q` of the lists under /v1 finds a part of any text of a row, whatever its case."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.inventory.kinds import CONTAINER, FREEZER, KINDS, SITE, Kind
from tests.inventory.walking import ids, items, parameters_of

Sql = Callable[..., list[tuple[Any, ...]]]

SEARCHED_TYPES = ("text", "uuid", "macaddr")
"""The types of columns that `q` searches."""

LISTS = [f"/v1/{kind.plural}" for kind in KINDS] + ["/v1/instruments", "/v1/events"]


def searched_columns(sql: Sql, kind: Kind) -> list[str]:
    query = (
        "select column_name from information_schema.columns"
        " where table_schema = 'inventory' and table_name = %s and data_type = any (%s) order by ordinal_position"
    )
    return [name for (name,) in sql(query, kind.table, list(SEARCHED_TYPES))]


def create(client: TestClient, kind: Kind, **fields: object) -> Any:
    response = client.post(f"/v1/{kind.plural}", json=kind.body | fields)
    assert response.status_code == 201, response.text
    return response.json()["id"]


def test_each_text_of_a_row_is_searched(client: TestClient, sql: Sql, kind: Kind) -> None:
    columns = searched_columns(sql, kind)
    assert columns
    for column in columns:
        value = kind.created[column]
        response = client.post(f"/v1/{kind.plural}", json=kind.created)
        assert response.status_code == 201, response.text
        part = (value[1:-1] or value).swapcase()
        assert response.json()["id"] in ids(client, f"/v1/{kind.plural}", q=part), (
            f"{part!r} is a part of {column}, and the condition `q` in inventory/{kind.sql} does not search it;"
            " add the column there"
        )
        client.delete(response.headers["location"], headers={"If-Match": "*"}).raise_for_status()
        assert response.json()["id"] not in ids(client, f"/v1/{kind.plural}", q=part)


def test_the_description_of_the_search_names_each_field(sql: Sql, kind: Kind) -> None:
    described = str(parameters_of(f"/v1/{kind.plural}")["q"]).lower().replace("-", "")
    for column in searched_columns(sql, kind):
        for word in column.split("_")[:1]:
            assert word in described, (
                f"the description of `q` in inventory/{kind.module} does not name {column}; add it there"
            )


@pytest.mark.parametrize("kind", [SITE, FREEZER, CONTAINER], ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    "text",
    [
        "100% a_b",
        "c:\\d",
        "\\",
        "%",
        "_",
        "é%_\\",
        "(x)[y]{z}|^$.*+?",
        "***=é",
        "(?i)",
        "'; drop table site; --",
        "{order}",
        "%(q)s",
        "tab\tand\nnew line",
    ],
)
def test_every_character_means_itself(client: TestClient, kind: Kind, text: str) -> None:
    field = "description" if kind is CONTAINER else "name"
    wanted = create(client, kind, **{field: f"one {text} two"})
    create(client, kind, **{field: "one 100x aXb c:/d éxyz x y z two"})
    assert ids(client, f"/v1/{kind.plural}", q=text) == [wanted]


@pytest.mark.parametrize("kind", [SITE, CONTAINER], ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    ("stored", "searched"),
    [
        ("Plasmid pUC19", "PLASMID PUC"),
        ("ÉMILIE", "émilie"),
        ("jürgen", "JÜRGEN"),
        ("Ωmega", "ωMEGA"),
        ("ЖУК", "жук"),
        ("50 µL", "50 µl"),
        ("🧪 rack", "🧪 RACK"),
    ],
)
def test_case_is_ignored_in_every_script(client: TestClient, kind: Kind, stored: str, searched: str) -> None:
    wanted = create(client, kind, **{"description" if kind is CONTAINER else "name": f"x{stored}x"})
    assert wanted in ids(client, f"/v1/{kind.plural}", q=searched)
    assert wanted not in ids(client, f"/v1/{kind.plural}", q=f"{searched}z")


@pytest.mark.parametrize("kind", [SITE, CONTAINER], ids=lambda kind: kind.name)
@pytest.mark.parametrize("text", ["passage Kyoto", "kyoto 33", "33\tpass  KY"])
def test_each_word_must_occur_in_any_order(client: TestClient, kind: Kind, text: str) -> None:
    field = "description" if kind is CONTAINER else "name"
    wanted = create(client, kind, **{field: "Kyoto cells, passage 33"})
    for other in ("Kyoto cells", "passage 33", "kyo to pas sage 3 3"):
        create(client, kind, **{field: other})
    assert ids(client, f"/v1/{kind.plural}", q=text) == [wanted]


def test_the_words_may_be_in_different_fields(client: TestClient) -> None:
    wanted = create(client, SITE, name="Annex", country="Nederland")
    create(client, SITE, name="Annex", country="België")
    assert ids(client, "/v1/sites", q="nederland annex") == [wanted]


@pytest.mark.parametrize("kind", [FREEZER, CONTAINER], ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    ("stored", "searched"),
    [
        ("\u2212" + "80 °C", "-80 c"),
        ("-80 °C", "\u221280"),
        ("Smith\u2013Waterman", "smith-waterman"),
        ("50 \u00b5L", "50 uL"),
        ("50 \u03bcL", "\u00b5l"),
        ("50\u00b5g", "50ug"),
    ],
)
def test_a_keyboards_characters_find_those_that_look_alike(
    client: TestClient, kind: Kind, stored: str, searched: str
) -> None:
    field = "description" if kind is CONTAINER else "name"
    wanted = create(client, kind, **{field: f"x {stored} y"})
    assert wanted in ids(client, f"/v1/{kind.plural}", q=searched)


@pytest.mark.parametrize("path", LISTS)
def test_a_blank_search_finds_everything(client: TestClient, sql: Sql, path: str) -> None:
    sql("insert into event (user_id, description) values ('ada', 'Warm')")
    everything = items(client, path)
    assert everything
    assert items(client, path, q="") == items(client, path, q=" \t ") == everything


@pytest.mark.parametrize("path", LISTS)
def test_white_space_around_a_search_is_ignored(client: TestClient, sql: Sql, path: str) -> None:
    sql("insert into event (user_id, description) values ('ada', 'Warm')")
    for text in ("a", "é"):
        assert items(client, path, q=f" {text}\n") == items(client, path, q=text)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("text", ["x" * 201, "a\0b"])
def test_a_search_that_is_too_long_or_has_a_nul_is_refused(client: TestClient, path: str, text: str) -> None:
    response = client.get(path, params={"q": text})
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "q")


@pytest.mark.parametrize("path", LISTS)
def test_the_longest_search_is_possible(client: TestClient, path: str) -> None:
    for character in ("x", "É", "🧪", "%", "\\", "\x01"):
        assert items(client, path, q="é" + character * 199) == []


def test_notifications_are_not_searched(client: TestClient) -> None:
    assert client.get("/v1/notifications?q=a").status_code == 422


def test_an_instrument_is_found_by_its_name_or_the_name_of_its_site(client: TestClient) -> None:
    create(client, FREEZER, name="Cold", site_id=2)
    found = items(client, "/v1/instruments", q="cOL")
    assert [(one["name"], one["site_name"]) for one in found] == [("Cold", "Site 2")]
    assert {one["site_name"] for one in items(client, "/v1/instruments", q="site 1")} == {"Site 1"}
    assert len(items(client, "/v1/instruments", q="SITE")) == 5


@pytest.mark.parametrize("order", ["created_at", "-created_at"])
@pytest.mark.parametrize("text", ["WARM", "é", "gra"])
def test_events_are_found_by_their_description_or_user(client: TestClient, order: str, text: str) -> None:
    for user, description in (("ada", "Too warm"), ("É", "Too cold"), ("grace", "Door open")):
        client.post("/v1/events", json={"user_id": user, "description": description}).raise_for_status()
    (found,) = items(client, "/v1/events", q=text, sort=order)
    assert text.lower() in f"{found['user_id']} {found['description']}".lower()


@pytest.mark.parametrize("order", ["id", "-id", "description", "-description", "created_at", "-updated_at"])
@pytest.mark.parametrize(
    ("text", "count"), [("tube", 1500), ("TUBE 12", 134), ("7 é", 53), ("é", 375), ("none", 0)]
)
def test_all_pages_of_a_search_have_each_row_once_and_in_order(
    client: TestClient, sql: Sql, order: str, text: str, count: int
) -> None:
    sql(
        "insert into container (description, freezer_id, created_at)"
        " select case when n % 4 = 0 then 'É ' else '' end || n || ' Tube ' || n, 1, now() - n * interval '1 minute'"
        " from generate_series(1, 1500) as n"
    )
    column, direction = order.removeprefix("-"), "desc" if order.startswith("-") else "asc"
    key = "lower(description)" if column == "description" else column
    expected = [
        ident
        for (ident,) in sql(
            "select id from container where not exists (select from unnest(string_to_array(%s, ' ')) as word"
            " where position(lower(word) in lower(description)) = 0)"
            f" order by {key} {direction}, id {direction}",
            text,
        )
    ]
    assert ids(client, "/v1/containers", q=text, sort=order, limit=400) == expected
    assert client.get("/v1/containers", params={"q": text, "total": "true"}).json()["total"] == len(expected)
    assert count == len(expected)
