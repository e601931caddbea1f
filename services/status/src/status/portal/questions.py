"""Everything that the portal asks the services, with one pool of connections for each service."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from chassis.process.readiness import Readiness
from chassis.process.settings import Settings
from chassis.web.metadata import Metadata
from status.portal.boxes import ask_events, ask_feeds, ask_freezers
from status.portal.credential import Credential
from status.portal.roles import ask_me
from status.portal.service_states import ServiceReport, ServiceState, ask_service, describe_this_process
from status.portal.services import ServiceClient
from status.portal.shared_answers import Answer, SharedAnswers


class Questions:
    """The questions of the boxes and of the page of the services.

    Args:
        settings: where the pages of the services are.
        metadata: version and commit of this process.
        inventory_url: where the API of inventory is; empty if it is not asked.
        balances_url: the same of balances.
    """

    def __init__(self, settings: Settings, metadata: Metadata, inventory_url: str, balances_url: str) -> None:
        self._metadata = metadata
        self._status_link = settings.status_link
        self.inventory = ServiceClient("Inventory", inventory_url, "INVENTORY_URL")
        self.balances = ServiceClient("Balances", balances_url, "BALANCES_URL")
        self.freezers = SharedAnswers("freezers", partial(ask_freezers, self.inventory))
        self.events = SharedAnswers("events", partial(ask_events, self.inventory))
        self.feeds = SharedAnswers("feeds", partial(ask_feeds, self.balances))
        self.accounts = [
            (client, SharedAnswers(f"account in {client.title.lower()}", partial(ask_me, client)))
            for client in (self.inventory, self.balances)
        ]
        """What the person who asks may do in each service."""
        self._services = [
            (client, link, SharedAnswers(f"state of {client.title.lower()}", partial(ask_service, client)))
            for client, link in (
                (self.inventory, settings.inventory_link),
                (self.balances, settings.balances_link),
            )
        ]

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Keep the connections during the block."""
        async with self.inventory.opened(), self.balances.opened():
            try:
                yield
            finally:
                await asyncio.gather(
                    self.freezers.stop(),
                    self.events.stop(),
                    self.feeds.stop(),
                    *(shared.stop() for _, shared in self.accounts),
                    *(shared.stop() for _, _, shared in self._services),
                )

    async def states(self, readiness: Readiness, credential: Credential) -> Sequence[ServiceState]:
        """The state of this process and of each service, as the owner of the credential may see it."""
        own, others = await asyncio.gather(
            describe_this_process(readiness, self._metadata),
            asyncio.gather(*(_answer(client, shared, credential) for client, _, shared in self._services)),
        )
        now = dt.datetime.now(dt.UTC)
        return [
            ServiceState("Status", self._status_link, configured=True, answer=Answer(value=own, at=now)),
            *(
                ServiceState(client.title, link, client.configured, answer)
                for (client, link, _), answer in zip(self._services, others, strict=True)
            ),
        ]


async def _answer(
    client: ServiceClient, shared: SharedAnswers[ServiceReport], credential: Credential
) -> Answer[ServiceReport]:
    return await shared.get(credential) if client.configured else Answer(at=dt.datetime.now(dt.UTC))
