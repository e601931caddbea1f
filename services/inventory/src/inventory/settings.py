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
            description="Wake workers with NOTIFY when something is queued; without, they look every few seconds"
        ),
    ] = True
    worker_concurrency: Annotated[
        int,
        Meta(
            ge=1,
            le=1000,
            description="Most notifications of one channel that a worker has in hand; so many repeat if it is killed",
        ),
    ] = 10
    worker_lease_seconds: Annotated[
        float,
        Meta(
            gt=0,
            le=86_400,
            description="How long a claimed notification is left to its worker; a delivery may take half of it",
        ),
    ] = 30.0
    worker_poll_seconds: Annotated[
        float, Meta(gt=0, le=3600, description="How often to look for work without being woken")
    ] = 5.0
    worker_listen: Annotated[
        bool,
        Meta(
            description="Be woken by NOTIFY, on a connection of its own; off behind a transaction-pooling proxy"
        ),
    ] = True


SERVICE = Service(
    "inventory", "What the lab keeps and where, who uses it, what happened and who must be told."
)
SCHEMA = "inventory"
