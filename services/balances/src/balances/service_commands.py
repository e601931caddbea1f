"""The commands that use the database: serve, migrate, refresh."""

from collections.abc import Callable, Mapping

import psycopg
import structlog

from balances.app import SERVICE, BalancesSettings, create
from balances.errors import FeedError, exit_status
from balances.feed import Feed
from balances.refresh import SCHEMA, RefreshUnderWay, refresh
from chassis import command
from chassis.migrations import prepare

log = structlog.get_logger()


def run(name: str) -> int:
    """Run one of them; the result is the exit status."""
    settings = command.settings_from_environment(BalancesSettings, SERVICE)
    try:
        return COMMANDS[name](settings)
    except psycopg.Error as error:
        command.fail(SERVICE, f"The database refuses: {str(error).strip()}", 1)


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
    return max([await _refresh_one(settings.database_url, feed) for feed in settings.named_feeds.values()])


async def _refresh_one(database_url: str, feed: Feed) -> int:
    try:
        proof = await refresh(database_url, feed)
    except RefreshUnderWay as error:
        log.info("Refresh left to another process", feed=feed.name, detail=str(error))
    except FeedError as error:
        log.error("Refresh failed", feed=feed.name, detail=str(error))  # noqa: TRY400  nobody needs the traceback
        return exit_status(error)
    else:
        log.info("Refresh complete", feed=feed.name, pages=proof.pages, rows=proof.rows, digest=proof.digest)
    return 0


COMMANDS: Mapping[str, Callable[[BalancesSettings], int]] = {
    "serve": _serve,
    "migrate": _migrate,
    "refresh": _refresh,
}
