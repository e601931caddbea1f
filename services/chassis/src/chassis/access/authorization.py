"""What a caller may do, by the roles in the settings."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Protocol

from chassis.access.caller import Caller
from chassis.access.permissions import RANKS, ROLES, Permission, Role

NO_ROLE = -1
"""Rank of a caller without a role."""


class Authorizer(Protocol):
    """Decides what a caller may do."""

    async def allows(self, caller: Caller, permission: Permission) -> bool:
        """Whether the caller has a permission; raises Unavailable if that cannot be decided now."""
        ...

    def role(self, caller: Caller) -> Role | None:
        """The caller's role, to show it; None if there is none or roles are not used."""
        ...

    def remedy(self, permission: Permission) -> str:
        """A sentence that says who or what gives a permission."""
        ...

    def running(self) -> AbstractAsyncContextManager[None]:
        """Keep the connections that it needs until the end of the block."""
        ...


class Everything:
    """Everybody may do everything (`ACCESS=open`)."""

    async def allows(self, caller: Caller, permission: Permission) -> bool:
        """Always true."""
        del caller, permission
        return True

    def role(self, caller: Caller) -> Role | None:
        """None, because there are no roles."""
        del caller
        return None

    def remedy(self, permission: Permission) -> str:
        """Empty, because everybody has every permission."""
        del permission
        return ""

    def running(self) -> AbstractAsyncContextManager[None]:
        """It needs no connections."""
        return nullcontext()


class Roles:
    """Roles that the settings give to users, groups and service accounts.

    Args:
        given: the subjects of each role: `user:<actor>`, `group:<group>` or `serviceaccount:<namespace>/<name>`.
    """

    def __init__(self, given: Mapping[Role, Sequence[str]]) -> None:
        self._of_user: dict[str, int] = {}
        self._of_group: dict[str, int] = {}
        for role in ROLES:  # the highest role of a subject is the last one
            for subject in given.get(role, ()):
                kind, name = _subject(subject)
                (self._of_user if kind == "user" else self._of_group)[name] = RANKS[role]

    async def allows(self, caller: Caller, permission: Permission) -> bool:
        """Whether the caller's role has the permission."""
        return self._rank(caller) >= RANKS[permission.role]

    def role(self, caller: Caller) -> Role | None:
        """The caller's highest role."""
        rank = self._rank(caller)
        return None if rank == NO_ROLE else ROLES[rank]

    def _rank(self, caller: Caller) -> int:
        rank = self._of_user.get(caller.actor, NO_ROLE)
        for group in caller.groups:
            rank = max(rank, self._of_group.get(group, NO_ROLE))
        return rank

    def remedy(self, permission: Permission) -> str:
        """The role that includes the permission."""
        return (
            f"The role {permission.role} includes this permission; an administrator of Benchtop can give it."
        )

    @property
    def groups(self) -> frozenset[str]:
        """The groups that have a role; others do not matter here."""
        return frozenset(self._of_group)

    def running(self) -> AbstractAsyncContextManager[None]:
        """It needs no connections."""
        return nullcontext()


def _subject(text: str) -> tuple[str, str]:
    """`user` or `group`, and the name."""
    kind, _, name = text.partition(":")
    if kind == "serviceaccount":
        namespace, _, account = name.partition("/")
        return "user", f"system:serviceaccount:{namespace}:{account}"
    return kind, name
