"""Example data: three sites, freezers, computers and containers at the first of them, and two users."""

import psycopg

from chassis.database.connection import connection_options
from chassis.database.queries import Queries
from inventory.settings import SCHEMA

SQL = Queries("inventory", "sql/example_data.sql")


async def seed(url: str) -> None:
    """Insert the example data into a migrated database. Rows that exist stay as they are."""
    options = connection_options(SCHEMA)
    async with await psycopg.AsyncConnection.connect(url, **options) as connection, connection.transaction():
        for statement in (SQL.sites, SQL.freezers, SQL.computers, SQL.containers, SQL.accounts):
            await connection.execute(statement)
