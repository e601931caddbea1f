"""Events: the fields of an event, and the query of their list."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from inventory.common.fields import GREATEST_NUMBER, CreatedAt, Id, Name, Text, UpdatedAt
from inventory.common.list_query import ListQuery, Search, search_of

Status = Annotated[
    Literal["NotProcessed", "Processed"],
    Meta(
        description="`Processed` if no notification of the event is pending and at least one was delivered or"
        " cancelled; otherwise `NotProcessed`"
    ),
]

EventPosition = Annotated[int, Meta(ge=0, le=GREATEST_NUMBER)]
"""Position in the list: the number of an event, in the order of creation. The number is not sent to clients."""

UserId = Annotated[
    Name, Meta(description="The user to notify, as free text; usually a username", examples=["ada"])
]
Description = Annotated[
    Text, Meta(description="What happened, as free text", examples=["Freezer -80C is at -62 °C"])
]


class NewEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that happened, and the user to notify."""

    user_id: UserId
    description: Description


class Event(msgspec.Struct, frozen=True):
    """A stored event."""

    id: Annotated[UUID, Meta(description="Id, which the service chooses when the event is created")]
    user_id: UserId
    account_id: Annotated[
        Id | None,
        Meta(description="Id of the user whose username is `user_id`, ignoring case; null if there is none"),
    ]
    description: Description
    status: Status
    created_at: CreatedAt
    updated_at: UpdatedAt


class EventFilters(ListQuery, frozen=True, kw_only=True):
    """Query of the list of events."""

    q: Annotated[Search, search_of("description or `user_id`")] = ""
    sort: Annotated[
        Literal["created_at", "-created_at"],
        Meta(description="`created_at` is oldest first, `-created_at` newest first. Default: `created_at`"),
    ] = "created_at"
    status: Annotated[Status | UnsetType, Meta(description="Only those with this status")] = UNSET
    user_id: Annotated[Name | UnsetType, Meta(description="Only those with exactly this `user_id`")] = UNSET
