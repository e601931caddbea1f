"""Deletes the schema and creates an empty one."""

import psycopg

from chassis.database.connection import wait
from chassis.database.migrations import migrate
from inventory.settings import SCHEMA, InventorySettings


async def recreate(settings: InventorySettings) -> None:
    """Drop the schema with everything in it, create it again, and migrate it."""
    await wait(settings.database_url, settings.database_wait_seconds)
    async with await psycopg.AsyncConnection.connect(settings.database_url) as connection:
        # In one transaction, because a role may be allowed to drop its schema and not to create one
        await connection.execute("drop schema if exists inventory cascade")
        await connection.execute("create schema inventory")
    await migrate(settings.database_url, SCHEMA, SCHEMA)
