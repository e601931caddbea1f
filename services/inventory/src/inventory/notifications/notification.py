"""Notifications: the fields of a notification, and the query of their list."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from inventory.common.fields import GREATEST_NUMBER, Time
from inventory.common.list_query import ListQuery

State = Annotated[
    Literal["pending", "delivered", "dead", "cancelled"],
    Meta(
        description="`pending` until it is delivered; `dead` after too many failures; `cancelled` if its event was set"
        " to `Processed` before",
        examples=["delivered"],
    ),
]

NotificationId = Annotated[int, Meta(ge=1, le=GREATEST_NUMBER, description="Id of the notification")]

NotificationPosition = Annotated[int, Meta(ge=0, le=GREATEST_NUMBER)]
"""Position in the list: an id."""


class Notification(msgspec.Struct, frozen=True):
    """The delivery of one event through one channel."""

    id: NotificationId
    event_id: Annotated[UUID, Meta(description="Id of the event that it tells")]
    channel: Annotated[
        str, Meta(description="How it is delivered; `log` is a line in the log of a worker", examples=["log"])
    ]
    state: State
    attempts: Annotated[
        int,
        Meta(
            description="Number of deliveries that were tried since it was queued, or queued again",
            examples=[1],
        ),
    ]
    queued_at: Annotated[Time, Meta(description="When it was queued, or queued again, in UTC")]
    due_at: Annotated[
        Time | None,
        Meta(
            description="When it is delivered next, in UTC; null if it is delivered, dead or cancelled",
            examples=[None],
        ),
    ]
    last_error: Annotated[
        str | None, Meta(description="Why the last delivery failed; null if none has failed", examples=[None])
    ]
    finished_at: Annotated[
        Time | None,
        Meta(description="When it was delivered, cancelled or given up, in UTC; null while it is pending"),
    ]


class NotificationFilters(ListQuery, frozen=True, kw_only=True):
    """Query of the list of notifications."""

    sort: Annotated[
        Literal["id", "-id"], Meta(description="`id` is oldest first, `-id` newest first. Default: `id`")
    ] = "id"
    state: Annotated[State | UnsetType, Meta(description="Only those in this state")] = UNSET
    event_id: Annotated[UUID | UnsetType, Meta(description="Only those of the event with this id")] = UNSET
