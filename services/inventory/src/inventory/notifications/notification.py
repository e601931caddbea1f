"""Notifications: the fields of a notification, and the filters of their list."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.web.pagination import Paging
from inventory.common.fields import GREATEST_NUMBER

State = Literal["pending", "delivered", "dead", "cancelled"]

NotificationId = Annotated[int, Meta(ge=1, le=GREATEST_NUMBER)]

NotificationPosition = Annotated[int, Meta(ge=0, le=GREATEST_NUMBER)]
"""Position in the list: an id; 0 is before the first notification."""


class Notification(msgspec.Struct, frozen=True):
    """The delivery of one event through one channel."""

    id: int
    event_id: UUID
    channel: str
    state: State
    attempts: int
    queued_at: datetime
    due_at: Annotated[
        datetime | None,
        Meta(description="When it is delivered next; null if it is delivered, dead or cancelled"),
    ]
    last_error: str | None
    finished_at: datetime | None


class NotificationFilters(Paging, frozen=True, kw_only=True):
    """Query of the list of notifications."""

    sort: str = "id"
    total: bool = False
    state: State | UnsetType = UNSET
    event_id: UUID | UnsetType = UNSET
