"""The settings, the name and the schema of the service, which the API, the worker and the other commands share."""

from typing import Annotated

from msgspec import Meta

from chassis.process.settings import DatabaseSettings, PathPrefix
from chassis.web.app import Service


class InventorySettings(DatabaseSettings, frozen=True, kw_only=True):
    """Settings of the API, the worker, and every other command."""

    path_prefix: PathPrefix = "/inventory"
    access_add_people: Annotated[
        bool,
        Meta(
            description="Add an account for each person who signs in with a verified e-mail address, has a role, and"
            " has no account yet"
        ),
    ] = False
    notify_on_event: Annotated[
        bool,
        Meta(
            description="Wake workers with NOTIFY when a notification is queued; otherwise they only poll the database"
        ),
    ] = True
    worker_concurrency: Annotated[
        int,
        Meta(
            ge=1,
            le=1000,
            description=(
                "Maximum number of notifications of one channel that a worker holds;"
                " if the worker is killed, these are delivered again"
            ),
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
            gt=0, le=3600, description="How often a worker polls for due notifications if no NOTIFY wakes it"
        ),
    ] = 5.0
    worker_listen: Annotated[
        bool,
        Meta(
            description="Wake the worker with NOTIFY, on a separate connection; turn off behind a transaction pooler"
        ),
    ] = True


SERVICE = Service(
    "inventory", "Sites, equipment and containers of the lab, its users, and events with their notifications."
)
SCHEMA = "inventory"
