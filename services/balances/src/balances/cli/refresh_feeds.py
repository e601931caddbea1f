"""The commands that use the database: serve, migrate, refresh."""

import asyncio
import time
from collections.abc import Callable, Mapping

import msgspec
import psycopg
import structlog

from balances.app import SERVICE, BalancesSettings, create
from balances.errors import FeedError, exit_status
from balances.feed.attempt import Proof
from balances.feed.settings import Feed
from balances.store import lease
from balances.store.lease import RefreshUnderWay
from balances.store.refresh import SCHEMA, refresh
from chassis import command_line as command
from chassis.database.migrations import prepare
from chassis.database.pool import Database
from chassis.errors import Unavailable

FAILED = 1

WAIT_SECONDS = lease.SECONDS + 10
"""How long to wait for another process that reads a feed: longer than the lease of one that died."""
LOOK_SECONDS = 2.0

log = structlog.get_logger()


def run(name: str) -> int:
    """Run one of them; the result is the exit status."""
    settings = command.settings_from_environment(BalancesSettings, SERVICE)
    try:
        return COMMANDS[name](settings)
    except psycopg.Error as error:
        command.fail(SERVICE, f"The database refuses: {str(error).strip()}", FAILED)


def _serve(settings: BalancesSettings) -> int:
    command.serve_migrated(SERVICE, settings, SCHEMA, create)
    return 0


def _migrate(settings: BalancesSettings) -> int:
    command.migrate(SERVICE, settings, SCHEMA)
    return 0


def _refresh(settings: BalancesSettings) -> int:
    if not settings.feeds:
        command.fail(SERVICE, "FEEDS is not set (or FEEDS_FILE, naming a file that holds it)", 2)
    return command.run(SERVICE, _refresh_all(settings))


async def _refresh_all(settings: BalancesSettings) -> int:
    """Refresh every feed, whether or not another fails; the status is that of the worst."""
    await prepare(settings, SCHEMA)
    one_connection = msgspec.structs.replace(settings, database_pool_size=1)
    async with Database(one_connection, SCHEMA, {}).opened() as database:
        return max([await _refresh_one(database, feed) for feed in settings.named_feeds.values()])


async def _refresh_one(database: Database, feed: Feed) -> int:
    try:
        proof = await _refresh_in_turn(database, feed)
    except RefreshUnderWay as error:
        log.info("Refresh left to another process", feed=feed.name, detail=str(error))
    except FeedError as error:
        log.error("Refresh failed", feed=feed.name, detail=str(error))  # noqa: TRY400  nobody needs the traceback
        return exit_status(error)
    except Unavailable as error:
        log.error("Refresh failed", feed=feed.name, detail=error.detail)  # noqa: TRY400  likewise
        return FAILED
    except Exception:
        log.exception(
            "Refresh failed", feed=feed.name
        )  # a fault of ours, which must not stop the other feeds
        return FAILED
    else:
        log.info("Refresh complete", feed=feed.name, pages=proof.pages, rows=proof.rows, digest=proof.digest)
    return 0


async def _refresh_in_turn(database: Database, feed: Feed) -> Proof:
    """Refresh the feed as soon as no other process reads it; one that died holds its lease for a while."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return await refresh(database, feed)
        except RefreshUnderWay:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(LOOK_SECONDS)


COMMANDS: Mapping[str, Callable[[BalancesSettings], int]] = {
    "serve": _serve,
    "migrate": _migrate,
    "refresh": _refresh,
}
