"""The application: the parts that the balances service is made of."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

import balances.pages.categories
import balances.pages.days
import balances.pages.duplicates
import balances.pages.feeds
import balances.pages.overview
import balances.pages.transactions
import balances.pages.vendors
from balances.api.routes import OPERATIONS
from balances.feed.http_source import tls_context
from balances.settings import SCHEMA, SERVICE, BalancesSettings
from balances.store.feed_metrics import MEASURE_SECONDS, FeedMetrics
from balances.store.requested_refreshes import RequestedRefreshes
from chassis.database.pool import Database
from chassis.pages.rendering import PagesOfService, Section
from chassis.process.background import BackgroundTasks
from chassis.web.app import create_app

REFRESHES_AT_ONCE = 2
"""Maximum number of feeds that one process reads at the same time; each of them needs memory."""

PAGES = [
    *balances.pages.overview.PAGES,
    *balances.pages.transactions.PAGES,
    *balances.pages.days.PAGES,
    *balances.pages.categories.PAGES,
    *balances.pages.vendors.PAGES,
    *balances.pages.duplicates.PAGES,
    *balances.pages.feeds.PAGES,
]

NAVIGATION = PagesOfService(
    title="Balances",
    sections=[
        Section("Overview", "/ui/"),
        Section("Transactions", "/ui/transactions"),
        Section("Days", "/ui/days"),
        Section("Categories", "/ui/categories"),
        Section("Vendors", "/ui/vendors"),
        Section("Possible duplicates", "/ui/duplicates"),
        Section("Feeds", "/ui/feeds"),
    ],
    templates={"balances": "balances.pages"},
)


def create(settings: BalancesSettings) -> Starlette:
    """The balances application."""
    tls_context()  # loaded now, so that no request has to wait for it
    database = Database(settings, SCHEMA, {})
    registry = CollectorRegistry()
    background = BackgroundTasks(registry)
    metrics = FeedMetrics(registry, database, list(settings.feeds))

    @asynccontextmanager
    async def resources() -> AsyncIterator[Mapping[str, Any]]:
        async with (
            database.opened(),
            background.repeating("feed_metrics", metrics.measure, MEASURE_SECONDS),
            RequestedRefreshes(database, REFRESHES_AT_ONCE).cancelled_at_end() as refreshes,
        ):
            yield {"database": database, "feeds": settings.named_feeds, "refreshes": refreshes}

    return create_app(
        SERVICE,
        settings,
        [*OPERATIONS, *PAGES],
        pages=NAVIGATION,
        resources=resources,
        database=database,
        registry=registry,
        background=background,
    )
