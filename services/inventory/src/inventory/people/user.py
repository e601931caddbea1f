"""Users: the fields of a user. The table of users is called `account`."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.validation.patterns import NOT_BLANK, TEXT
from chassis.web.pagination import Paging
from inventory.common.fields import Id

Username = Annotated[str, Meta(max_length=200, pattern=NOT_BLANK, description="Unique, ignoring case")]
Email = Annotated[str, Meta(max_length=254, pattern=TEXT, description="Unique, ignoring case")]


class NewUser(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person with an account."""

    username: Username
    email: Email
    active: bool = True


class UserPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of a user (RFC 7396): a field that is absent keeps its value."""

    username: Username | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A stored user."""

    id: Id
    username: Username
    email: Email
    active: bool
    created_at: datetime
    updated_at: datetime


class UserFilters(Paging, frozen=True, kw_only=True):
    """Query of the list of users."""

    q: str | UnsetType = UNSET
    sort: str = "id"
    total: bool = False
    active: bool | UnsetType = UNSET
