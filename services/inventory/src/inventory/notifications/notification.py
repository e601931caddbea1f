"""Notifications: the fields of a notification, and the filters of their list."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.web.pagination import Paging
from inventory.common.fields import GREATEST_NUMBER, Time

State = Literal["pending", "delivered", "dead", "cancelled"]

NotificationId = Annotated[int, Meta(ge=1, le=GREATEST_NUMBER, description="Id of the notification")]

NotificationPosition = Annotated[int, Meta(ge=0, le=GREATEST_NUMBER)]
"""Position in the list: an id; 0 is before the first notification."""


class Notification(msgspec.Struct, frozen=True):
    """The delivery of one event through one channel."""

    id: NotificationId
    event_id: Annotated[UUID, Meta(description="Id of the event that it is about")]
    channel: Annotated[str, Meta(description="How it is delivered", examples=["log"])]
    state: Annotated[
        State,
        Meta(
            description="`pending` until it is delivered; `dead` after the last failed attempt; `cancelled` if its"
            " event was closed before",
            examples=["delivered"],
        ),
    ]
    attempts: Annotated[int, Meta(description="Number of attempts since it was queued", examples=[1])]
    queued_at: Annotated[Time, Meta(description="When it was last queued")]
    due_at: Annotated[
        Time | None,
        Meta(
            description="When it is delivered next; null if it is delivered, dead or cancelled",
            examples=[None],
        ),
    ]
    last_error: Annotated[
        str | None, Meta(description="Why the last attempt failed; null if it did not", examples=[None])
    ]
    finished_at: Annotated[
        Time | None,
        Meta(description="When it was delivered, given up or cancelled; null while it is pending"),
    ]


class NotificationFilters(Paging, frozen=True, kw_only=True):
    """Query of the list of notifications."""

    state: Annotated[State, Meta(description="Only those in this state")] | UnsetType = UNSET
    event_id: Annotated[UUID, Meta(description="Only those about the event with this id")] | UnsetType = UNSET
