"""Usernames can be told from each other: a migration makes them unique, and every character is visible."""

import unicodedata
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import psycopg
from starlette.testclient import TestClient

MIGRATION = files("inventory").joinpath("migrations/0007-usernames.sql").read_text(encoding="utf-8")


def test_the_oldest_of_several_accounts_keeps_the_username(own_url: str) -> None:
    long = "x" * 200
    before = {
        1: "ada",
        2: "ADA",
        3: "grace",
        4: "Ada",
        5: "ada-4",  # taken by chance
        6: long,
        7: long.upper(),
    }
    after = before | {2: "ADA-2", 4: "Ada-4-4", 7: "X" * 198 + "-7"}
    said: list[str] = []
    with psycopg.connect(own_url, options="-c search_path=inventory") as connection:
        connection.execute("drop index account_username_key")
        for ident, name in before.items():
            connection.execute(
                "insert into account (id, username, email) values (%s, %s, %s)", [ident, name, f"{ident}@b"]
            )
        connection.add_notice_handler(lambda notice: said.append(str(notice.message_primary)))
        connection.execute(MIGRATION.encode())
        rows = connection.execute("select id, username, email from account order by id").fetchall()
    assert rows == [(ident, name, f"{ident}@b") for ident, name in after.items()]
    assert said[1] == "Another account had the username Ada of account 4, which is called Ada-4-4 now."
    assert len(said) == 3


UNSEEN = [
    *(one for one in map(chr, range(0x110000)) if unicodedata.category(one) == "Cf"),
    *"\u034f\u115f\u1160\u3164\uffa0",
]


def test_a_username_with_a_character_that_is_not_seen_is_refused(empty: TestClient) -> None:
    bodies = [{"username": f"a{character}da", "email": "ada@example.org"} for character in UNSEEN]
    taken = []
    for body in bodies:
        response = empty.post("/v1/users", json=body)
        if response.status_code != 422 or "invisible characters" not in response.json()["detail"]:
            taken.append(ascii(body["username"]))
    assert taken == []
    original = empty.post("/users", json=bodies[0])
    assert (original.status_code, original.json()["message"]) == (400, "Invalid payload.")


def test_a_username_of_any_script_is_taken(empty: TestClient) -> None:
    for number, name in enumerate(("Zoë", "Ада", "李雷", "عائشة", "한글", "🧪", "o'neil-2")):
        body = {"username": name, "email": f"{number}@example.org"}
        assert empty.post("/v1/users", json=body).json()["username"] == name


def test_an_account_from_before_keeps_its_username_until_it_is_changed(
    client: TestClient, sql: Callable[..., list[tuple[Any, ...]]]
) -> None:
    rule = "select pg_get_constraintdef(oid) from pg_constraint where conname = 'account_username_visible'"
    ((definition,),) = sql(rule)
    sql("alter table account drop constraint account_username_visible")
    sql("insert into account (id, username, email) values (7, U&'a\\200Bda', 'x@b')")
    sql(f"alter table account add constraint account_username_visible {definition}")
    assert definition.endswith("NOT VALID")
    assert client.get("/v1/users/7").json()["username"] == "a\u200bda"
    match = {"If-Match": "*"}
    assert client.patch("/v1/users/7", json={"active": False}, headers=match).status_code == 422
    change = {"active": False, "username": "ada-7"}
    assert client.patch("/v1/users/7", json=change, headers=match).status_code == 200
