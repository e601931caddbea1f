"""Events: the fields of an event, and the filters of their list."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.web.pagination import Paging
from inventory.common.fields import GREATEST_NUMBER, Id, Name, Text

Status = Literal["NotProcessed", "Processed"]

EventPosition = Annotated[int, Meta(ge=0, le=GREATEST_NUMBER)]
"""Position in the list: the number of an event, in the order of creation. The number is not sent to clients."""


class NewEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that happened, and the user to notify."""

    user_id: Name
    description: Text


class Event(msgspec.Struct, frozen=True):
    """A stored event."""

    id: UUID
    user_id: str
    account_id: Annotated[
        Id | None,
        Meta(description="The user whose username is `user_id`, ignoring case; null if there is none"),
    ]
    description: str
    status: Status
    created_at: datetime
    updated_at: datetime


class EventFilters(Paging, frozen=True, kw_only=True):
    """Query of the list of events."""

    q: str | UnsetType = UNSET
    sort: str = "created_at"
    total: bool = False
    status: Status | UnsetType = UNSET
    user_id: Name | UnsetType = UNSET
