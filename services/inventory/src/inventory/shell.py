"""An interactive Python console with a function for SQL on the database."""

import code
import sys
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

BANNER = """\
Benchtop inventory shell, on database {database} at {host} as {user}.
  sql("select * from site")                     prints a table
  sql("select * from site where id = %s", [1])  passes values separately from the statement
  connection                                    is psycopg's: connection.execute("vacuum {schema}.site")
Each statement of sql(...) is a transaction, in which {schema} is the schema.
Tables: {tables}
Ctrl-D ends it."""

TABLES = """
select string_agg(table_name, ', ' order by table_name)
from information_schema.tables
where table_schema = %s
"""

SEARCH_PATH = "select set_config('search_path', %s, true)"
"""Set for one transaction, because a connection pooler may run the next one in another session."""


def run(url: str, schema: str) -> None:
    """Read and run Python from standard input until it ends."""
    with psycopg.connect(url, autocommit=True) as connection:
        (tables,) = connection.execute(TABLES, [schema]).fetchone() or (None,)
        banner = BANNER.format(
            database=connection.info.dbname,
            host=connection.info.host or "a local socket",
            user=connection.info.user,
            schema=schema,
            tables=tables or "none yet; `inventory migrate` makes them",
        )
        names = {"sql": runner(connection, schema), "connection": connection}
        code.interact(banner, local=names, exitmsg="")


def runner(connection: psycopg.Connection, schema: str) -> Callable[..., None]:
    """The `sql` function of the console."""

    def sql(statement: str, values: Sequence[Any] | None = None) -> None:
        """Run a statement and print its rows."""
        try:
            with connection.transaction():
                connection.execute(SEARCH_PATH, [schema])
                cursor = connection.execute(statement.encode(), values)
        except psycopg.Error as error:
            sys.stdout.write(f"{str(error).rstrip()}\n")
            return
        if cursor.description is None:
            sys.stdout.write(f"{cursor.statusmessage}\n")
        else:
            sys.stdout.write(table([column.name for column in cursor.description], cursor.fetchall()))

    return sql


def table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table as text, with the names of the columns above the rows; null is shown as nothing."""
    cells = [["" if value is None else str(value).replace("\n", "\\n") for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (names, ["-" * width for width in widths], *cells)
    ]
    return "\n".join([*lines, f"({len(rows)} {'row' if len(rows) == 1 else 'rows'})", ""])
