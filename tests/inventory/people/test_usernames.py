"""A migration makes usernames unique; it loses nothing and logs what it changed."""

from importlib.resources import files

import psycopg

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
