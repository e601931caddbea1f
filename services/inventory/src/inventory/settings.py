"""What the API, the worker and the other commands share: the settings, the service's name and its schema."""

from typing import Annotated

from msgspec import Meta

from chassis.process.settings import DatabaseSettings, PathPrefix
from chassis.web.app import Service


class InventorySettings(DatabaseSettings, frozen=True, kw_only=True):
    """Settings of the API, the worker, and every other command."""

    path_prefix: PathPrefix = "/inventory"
    notify_on_event: Annotated[
        bool,
        Meta(
            description="Wake workers with NOTIFY when a notification is queued; without it they look every few seconds"
        ),
    ] = True
    worker_concurrency: Annotated[
        int,
        Meta(
            ge=1,
            le=1000,
            description="Most notifications of one channel that a worker holds; if it is killed, these are repeated",
        ),
    ] = 10
    worker_lease_seconds: Annotated[
        float,
        Meta(
            gt=0,
            le=86_400,
            description="How long a worker's claim on a notification lasts; a delivery may take half of this",
        ),
    ] = 30.0
    worker_poll_seconds: Annotated[
        float,
        Meta(
            gt=0, le=3600, description="How often a worker looks for due notifications when nothing wakes it"
        ),
    ] = 5.0
    worker_listen: Annotated[
        bool,
        Meta(
            description="Let NOTIFY wake the worker, on its own connection; turn off behind a transaction-pooling proxy"
        ),
    ] = True


SERVICE = Service(
    "inventory", "What the lab keeps and where, who uses it, what happened and who must be told."
)
SCHEMA = "inventory"
