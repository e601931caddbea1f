"""Users: the fields of a user, and the query of their list. The table of users is called `account`."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.validation.patterns import EMAIL, NOT_BLANK
from inventory.common.fields import CreatedAt, OwnId, UpdatedAt
from inventory.common.list_query import ORDER, ListQuery, Search, search_of

Username = Annotated[
    str,
    Meta(
        max_length=200,
        pattern=NOT_BLANK,
        description="Name of the user, which no other user has, ignoring case. It has no invisible characters",
        examples=["rosalind"],
    ),
]
Email = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=EMAIL,
        description="E-mail address, which no other user has, ignoring case",
        examples=["rosalind@example.org"],
    ),
]
Active = Annotated[
    bool,
    Meta(description="Whether the user takes part; false for somebody who has left, and may then do nothing"),
]


class NewUser(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person with an account."""

    username: Username
    email: Email
    active: Active = True


class UserPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of a user (RFC 7396): a field that is absent keeps its value."""

    username: Username | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    active: Active | UnsetType = UNSET


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A stored user."""

    id: OwnId
    username: Username
    email: Email
    active: Active
    created_at: CreatedAt
    updated_at: UpdatedAt


UserSort = Literal["id", "-id", "username", "-username", "email", "-email", "created_at", "-created_at"]


class UserFilters(ListQuery, frozen=True, kw_only=True):
    """Query of the list of users."""

    q: Annotated[Search, search_of("username or e-mail address")] = ""
    sort: Annotated[UserSort, ORDER] = "id"
    active: Annotated[
        bool | UnsetType, Meta(description="`true` for only the active users, `false` for only the others")
    ] = UNSET
