"""Events: the fields of an event, and the filters of their list."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.web.pagination import Paging
from inventory.common.fields import GREATEST_NUMBER, CreatedAt, Id, Name, Text, UpdatedAt

Status = Annotated[
    Literal["NotProcessed", "Processed"],
    Meta(
        description="`Processed` if no notification of the event is pending, and one of them was delivered or cancelled"
    ),
]
EventId = Annotated[UUID, Meta(description="Id of the event")]
ForUser = Annotated[Name, Meta(description="Only those with this `user_id`")]
USER_ID = Meta(description="Username of the user to notify", examples=["ada"])
DESCRIPTION = Meta(description="What happened", examples=["Freezer -80C is at -62 °C"])

EventPosition = Annotated[int, Meta(ge=0, le=GREATEST_NUMBER)]
"""Position in the list: the number of an event, in the order of creation. The number is not sent to clients."""


class NewEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that happened, and the user to notify."""

    user_id: Annotated[Name, USER_ID]
    description: Annotated[Text, DESCRIPTION]


class Event(msgspec.Struct, frozen=True):
    """A stored event."""

    id: EventId
    user_id: Annotated[str, USER_ID]
    account_id: Annotated[
        Id | None,
        Meta(description="The user whose username is `user_id`, ignoring case; null if there is none"),
    ]
    description: Annotated[str, DESCRIPTION]
    status: Status
    created_at: CreatedAt
    updated_at: UpdatedAt


class EventFilters(Paging, frozen=True, kw_only=True):
    """Query of the list of events."""

    status: Status | UnsetType = UNSET
    user_id: ForUser | UnsetType = UNSET
