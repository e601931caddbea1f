"""The schema thrown away and made anew."""

import psycopg

from chassis.database.connection import wait
from chassis.database.migrations import migrate
from inventory.settings import SCHEMA, InventorySettings


async def recreate(settings: InventorySettings) -> None:
    """Drop the schema with everything in it, and migrate an empty one."""
    await wait(settings.database_url, settings.database_wait_seconds)
    async with await psycopg.AsyncConnection.connect(settings.database_url) as connection:
        # In one transaction: a role may be allowed to drop its schema and not to create another
        await connection.execute("drop schema if exists inventory cascade")
        await connection.execute("create schema inventory")
    await migrate(settings.database_url, SCHEMA, SCHEMA)
