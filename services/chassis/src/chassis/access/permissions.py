"""Permissions: a verb on a resource, and the lowest role that has it."""

from collections.abc import Mapping
from typing import Literal

import msgspec

Role = Literal["viewer", "member", "keeper", "admin"]

ROLES: tuple[Role, ...] = ("viewer", "member", "keeper", "admin")
"""The roles; each has the permissions of those before it."""

RANKS: Mapping[Role, int] = {role: rank for rank, role in enumerate(ROLES)}
"""The place of each role in `ROLES`."""


class Permission(msgspec.Struct, frozen=True):
    """A verb on a resource, such as `create` on `containers`."""

    verb: str
    resource: str
    role: Role
    """The lowest role that has the permission."""


Need = Permission | tuple[Permission, ...] | Literal["nothing", "identity"]
"""What an operation needs: a permission, several, nothing, or only to know who calls."""


def permissions_of(need: Need) -> tuple[Permission, ...]:
    """The permissions that an operation needs."""
    if isinstance(need, Permission):
        return (need,)
    return need if isinstance(need, tuple) else ()


class Resource:
    """A resource with its verbs, each with the lowest role that has it.

    Args:
        name: name of the resource, as in `kubectl auth can-i create <name>.benchtop.dev`.
        verbs: the lowest role of each verb.
    """

    def __init__(self, name: str, **verbs: Role) -> None:
        self.name = name
        self.permissions = {verb: Permission(verb, name, role) for verb, role in verbs.items()}

    def to(self, verb: str) -> Permission:
        """The permission to do `verb`; raises KeyError if the resource does not have that verb."""
        return self.permissions[verb]


def includes(held: Role, needed: Role) -> bool:
    """Whether a role has the permissions of another one."""
    return RANKS[held] >= RANKS[needed]
