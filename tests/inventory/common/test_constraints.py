"""The rules of every table are constraints in the database, so that they hold for every writer."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg import errors
from tests.inventory.kinds import HERE, KINDS

from inventory.violations import VIOLATIONS

Sql = Callable[..., list[tuple[Any, ...]]]

REFUSED = [
    ("insert into site (name) values (null)", "site", errors.NotNullViolation),
    ("insert into site (name) values ('')", "site_name", errors.CheckViolation),
    ("insert into site (name) values (E' \\t\\n')", "site_name", errors.CheckViolation),
    ("insert into site (name) values (repeat('x', 201))", "site_name", errors.CheckViolation),
    ("insert into site (id, name) values (0, 'x')", "site_id", errors.CheckViolation),
    ("insert into site (id, name) values (1, 'x')", "site_pkey", errors.UniqueViolation),
    ("insert into freezer (name, site_id) values (' ', 1)", "freezer_name", errors.CheckViolation),
    (
        "insert into freezer (name, site_id) values ('x', 99)",
        "freezer_site_id_fkey",
        errors.ForeignKeyViolation,
    ),
    ("insert into freezer (name) values ('x')", "freezer", errors.NotNullViolation),
    ("insert into computer (name, site_id) values (' ', 1)", "computer_name", errors.CheckViolation),
    (
        "insert into computer (name, site_id, mac) values ('x', 1, '08002b010203')",
        "computer_mac_key",
        errors.UniqueViolation,
    ),
    ("update computer set mac = '08002b010203'", "computer_mac_key", errors.UniqueViolation),
    (
        "insert into container (freezer_id) values (99)",
        "container_freezer_id_fkey",
        errors.ForeignKeyViolation,
    ),
    (
        "insert into container (freezer_id, uuid) select 1, uuid from container",
        "container_uuid_key",
        errors.UniqueViolation,
    ),
    ("delete from site where id = 1", "site_id_fkey", errors.RestrictViolation),
    ("delete from freezer where id = 1", "container_freezer_id_fkey", errors.RestrictViolation),
    ("update site set id = 9 where id = 1", "site_id_fkey", errors.IntegrityError),
    ("insert into account (username, email) values ('', 'a@b')", "account_username", errors.CheckViolation),
    (
        "insert into account (username, email) values (U&'a\\200Bda', 'x@b')",
        "account_username_visible",
        errors.CheckViolation,
    ),
    ("insert into account (username, email) values ('x', 'a')", "account_email", errors.CheckViolation),
    (
        "insert into account (username, email) values ('ADA', 'x@example.org')",
        "account_username_key",
        errors.UniqueViolation,
    ),
    (
        "insert into account (username, email) values ('x', 'ADA@EXAMPLE.ORG')",
        "account_email_key",
        errors.UniqueViolation,
    ),
    ("insert into event (user_id, description) values (' ', '')", "event_user_id", errors.CheckViolation),
    (
        "insert into notification (event_id, channel) values (gen_random_uuid(), 'log')",
        "notification_event_id_fkey",
        errors.ForeignKeyViolation,
    ),
    (
        "insert into notification (event_id, channel) select event_id, channel from notification",
        "notification_event_id_channel_key",
        errors.UniqueViolation,
    ),
    ("update notification set channel = 'pigeon'", "notification_channel", errors.CheckViolation),
    (
        "update notification set state = 'lost', finished_at = now()",
        "notification_state",
        errors.CheckViolation,
    ),
    ("update notification set state = 'delivered'", "notification_finished_at", errors.CheckViolation),
    ("update notification set attempts = -1", "notification_attempts", errors.CheckViolation),
    ("delete from event", "notification_event_id_fkey", errors.RestrictViolation),
]


@pytest.mark.parametrize(("statement", "constraint", "error"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_statement_that_breaks_a_constraint_is_refused(
    stocked: str, sql: Sql, statement: str, constraint: str, error: type[psycopg.Error]
) -> None:
    assert stocked
    sql(
        "with e as (insert into event (user_id, description) values ('ada', 'x') returning id)"
        " insert into notification (event_id, channel) select id, 'log' from e"
    )
    with pytest.raises(psycopg.IntegrityError) as raised:
        sql(statement)
    # Before PostgreSQL 18 a restricted deletion was a plain violation of the foreign key
    assert isinstance(raised.value, (error, errors.ForeignKeyViolation))
    assert constraint in (raised.value.diag.constraint_name or raised.value.diag.table_name or "")


def package_of(constraint: str) -> str:
    """The package of the feature that has the table of a constraint, as far as its kind is known."""
    return next((kind.package for kind in KINDS if constraint.startswith(f"{kind.table}_")), "<package>")


def test_every_constraint_has_an_error_message(sql: Sql) -> None:
    constraints = {
        name
        for (name,) in sql(
            "select conname from pg_constraint"
            " where connamespace = 'inventory'::regnamespace and contype in ('c', 'u', 'f')"
            " union select indexname from pg_indexes where schemaname = 'inventory' and indexdef like '%UNIQUE%'"
        )
    }
    needed = {
        name
        for (name,) in sql(
            "select table_name || '_' || column_name from information_schema.columns"
            " where table_schema = 'inventory' and is_nullable = 'NO' and column_default is null"
            " and is_identity = 'NO' and table_name = any (%s)",
            [kind.table for kind in KINDS],
        )
    }
    inside = {
        name
        for name in constraints
        if name.startswith(("notification_", "event_number", "schema_", "account_identity_"))
    }
    keys = {name for name in constraints if name.endswith("_pkey")}  # taken ids are skipped
    expected = (constraints | needed) - inside - keys
    messages = [
        f"{name} has no error: add it to inventory/{package_of(name)}/violations.py"
        for name in sorted(expected - set(VIOLATIONS))
    ] + [
        f"no constraint {name}: add it to the migration, add the kind to {HERE}, or remove it from"
        f" inventory/{package_of(name)}/violations.py"
        for name in sorted(set(VIOLATIONS) - expected)
    ]
    assert not messages, "\n".join(messages)


def test_every_reference_is_indexed(sql: Sql) -> None:
    unindexed = sql(
        "select conname from pg_constraint c"
        " where contype = 'f' and connamespace = 'inventory'::regnamespace and not exists ("
        "   select from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])"
    )
    assert unindexed == [], (
        "a deletion would read whole tables; for each of these references, write"
        " `create index … on <table> (<column>, id)` in a migration"
    )


def test_every_table_of_a_kind_has_the_trigger_touch(sql: Sql) -> None:
    touched = {
        table
        for (table,) in sql(
            "select relname from pg_trigger join pg_class on pg_class.oid = tgrelid"
            " where tgname = 'touch' and tgfoid = 'inventory.touch'::regproc"
        )
    }
    without = sorted({kind.table for kind in KINDS} - touched)
    assert without == [], "no trigger `touch` on these tables; write `create trigger touch …` in a migration"


def test_a_change_gives_a_version_that_was_never_used(sql: Sql) -> None:
    versions = [
        sql("insert into site (id, name) values (7, 'a') returning version")[0][0],
        sql("update site set name = 'b' where id = 7 returning version")[0][0],
        sql("insert into account (username, email) values ('a', 'a@b') returning version")[0][0],
    ]
    sql("delete from site where id = 7")
    versions += [sql("insert into site (id, name) values (7, 'a') returning version")[0][0]]
    assert len(set(versions)) == 4
    assert sql("update site set name = 'a' where id = 7 returning version")[0][0] == versions[-1]


def test_an_id_that_is_not_given_is_the_lowest_free_one(sql: Sql) -> None:
    sql("insert into site (id, name) values (1, 'a'), (2, 'b'), (4, 'd'), (2147483647, 'z')")
    assert sql("insert into site (name) values ('c'), ('e') returning id") == [(3,), (5,)]
