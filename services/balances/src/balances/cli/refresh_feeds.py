"""The command `balances refresh`: reads every configured feed into the database."""

import asyncio
import time

import msgspec
import structlog

from balances.cli.exit_status import FAILED, INVALID_USAGE, exit_status
from balances.feed.errors import FeedError
from balances.feed.proof import Proof
from balances.feed.settings import Feed
from balances.settings import SCHEMA, SERVICE, BalancesSettings
from balances.store import lease
from balances.store.lease import RefreshUnderWay
from balances.store.refresh import refresh
from chassis import command_line
from chassis.database.migrations import prepare
from chassis.database.pool import Database
from chassis.errors import Unavailable

WAIT_SECONDS = lease.SECONDS + 10
"""How long to wait while another process reads the feed: longer than the lease of a process that died."""
POLL_SECONDS = 2.0

log = structlog.get_logger()


def refresh_feeds(settings: BalancesSettings) -> int:
    """Refresh all feeds; the result is the exit status."""
    if not settings.feeds:
        command_line.exit_with_error(
            SERVICE, "FEEDS is not set (or FEEDS_FILE, naming a file that holds it)", INVALID_USAGE
        )
    return command_line.run_or_exit(SERVICE, _refresh_all(settings))


async def _refresh_all(settings: BalancesSettings) -> int:
    """Refresh every feed, even if another one fails; the result is the highest of the exit statuses."""
    await prepare(settings, SCHEMA)
    one_connection = msgspec.structs.replace(settings, database_pool_size=1)
    async with Database(one_connection, SCHEMA, {}).opened() as database:
        return max([await _refresh_one(database, feed) for feed in settings.named_feeds.values()])


async def _refresh_one(database: Database, feed: Feed) -> int:
    try:
        proof = await _refresh_when_free(database, feed)
    except RefreshUnderWay as error:
        log.info("Another process is already refreshing the feed", feed=feed.name, detail=str(error))
    except FeedError as error:
        log.error("Refresh failed", feed=feed.name, detail=str(error))  # noqa: TRY400  a traceback would not help
        return exit_status(error)
    except Unavailable as error:
        log.error("Refresh failed", feed=feed.name, detail=error.detail)  # noqa: TRY400  a traceback would not help
        return FAILED
    except Exception:
        log.exception("Refresh failed", feed=feed.name)  # a bug here must not stop the other feeds
        return FAILED
    else:
        log.info("Refresh complete", feed=feed.name, pages=proof.pages, rows=proof.rows, digest=proof.digest)
    return 0


async def _refresh_when_free(database: Database, feed: Feed) -> Proof:
    """Refresh the feed as soon as no other process holds its lease.

    Raises:
        RefreshUnderWay: another process still holds it after `WAIT_SECONDS`.
        FeedError: see `refresh`.
        Unavailable: see `refresh`.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return await refresh(database, feed)
        except RefreshUnderWay:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(POLL_SECONDS)
