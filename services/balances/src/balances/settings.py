"""The settings, the name and the schema of the service, which the API and the commands share."""

from typing import Annotated

import msgspec
from msgspec import Meta

from balances.feed.settings import Feed, FeedName, FeedSettings
from chassis.process.settings import SECRET, DatabaseSettings, PathPrefix
from chassis.web.app import Service

SCHEMA = "balances"
"""Name of the schema in the database."""

SERVICE = Service("balances", "Bank transactions: daily balances and totals, to the cent.")

FEEDS = {**SECRET, "member": "feed"}
"""Metadata of a setting with feeds: it is secret, as an address may contain a token; messages call a member a feed."""
FEEDS_EXAMPLE = {"main": {"url": "https://bank.example/resource", "currency": "CAD"}}


class BalancesSettings(DatabaseSettings, frozen=True, kw_only=True):
    """Settings of the API and of every command that uses the database."""

    path_prefix: PathPrefix = "/balances"
    feeds: Annotated[
        dict[FeedName, FeedSettings],
        Meta(
            extra=FEEDS,
            examples=[FEEDS_EXAMPLE],
            description='Feeds by name, as JSON, the default one first: `{"main": {"url": "https://…"}}`',
        ),
    ] = {}  # noqa: RUF012  msgspec copies it

    @property
    def named_feeds(self) -> dict[str, Feed]:
        """The feeds by name, in their order."""
        return {
            name: Feed(name=name, **msgspec.structs.asdict(settings)) for name, settings in self.feeds.items()
        }
