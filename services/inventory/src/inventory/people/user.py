"""Users: the fields of a user. The table of users is called `account`."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.validation.patterns import NOT_BLANK, TEXT
from inventory.common.fields import CreatedAt, OwnId, UpdatedAt

Username = Annotated[
    str,
    Meta(
        max_length=200,
        pattern=NOT_BLANK,
        description="Name of the account, unique, ignoring case",
        examples=["rosalind"],
    ),
]
Email = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=TEXT,
        description="E-mail address, unique, ignoring case",
        examples=["rosalind@example.org"],
    ),
]
Active = Annotated[bool, Meta(description="Whether the account is in use")]


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
