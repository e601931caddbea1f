"""What the balances service is made of."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

from balances.api.routes import OPERATIONS
from balances.feed.http_source import tls_context
from balances.feed.settings import Feed, FeedSettings
from balances.store.feed_metrics import MEASURE_SECONDS, FeedMetrics
from balances.store.refresh import SCHEMA, Refreshes
from chassis.database.pool import Database
from chassis.process.background import BackgroundTasks
from chassis.process.settings import SECRET, DatabaseSettings, PathPrefix
from chassis.web.app import Service, create_app

REFRESHES_AT_ONCE = 2
"""How many feeds one process reads at the same time, for each takes memory; others wait for their turn."""

FeedName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z")]


class BalancesSettings(DatabaseSettings, frozen=True, kw_only=True):
    """Settings of the API and of every command that uses the database."""

    path_prefix: PathPrefix = "/balances"
    feeds: Annotated[
        dict[FeedName, FeedSettings],
        Meta(
            extra=SECRET,  # an address may have a token in it
            description='Feeds by name, as JSON, the default one first: `{"main": {"url": "https://…"}}`',
        ),
    ] = {}  # noqa: RUF012  msgspec copies it

    @property
    def named_feeds(self) -> dict[str, Feed]:
        """The feeds, in their order."""
        return {
            name: Feed(name=name, **msgspec.structs.asdict(settings)) for name, settings in self.feeds.items()
        }


SERVICE = Service("balances", "What the money did, from paged bank feeds, exactly.")


def create(settings: BalancesSettings) -> Starlette:
    """The balances application."""
    tls_context()  # now, and not while requests wait
    database = Database(settings, SCHEMA, {})
    registry = CollectorRegistry()
    background = BackgroundTasks(registry)
    metrics = FeedMetrics(registry, database, list(settings.feeds))

    @asynccontextmanager
    async def resources() -> AsyncIterator[Mapping[str, Any]]:
        async with (
            database.opened(),
            background.repeating("feed_metrics", metrics.measure, MEASURE_SECONDS),
            Refreshes(database, REFRESHES_AT_ONCE).ended() as refreshes,
        ):
            yield {"database": database, "feeds": settings.named_feeds, "refreshes": refreshes}

    return create_app(
        SERVICE,
        settings,
        OPERATIONS,
        resources=resources,
        database=database,
        registry=registry,
    )
