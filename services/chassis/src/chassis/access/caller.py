"""Who sent a request, and what the page that it shows may offer them."""

import math
from collections.abc import Mapping
from typing import Literal

import msgspec
from starlette.requests import Request

from chassis.access.permissions import Permission

CALLER = "benchtop.caller"
RIGHTS = "benchtop.rights"
"""Members of the scope of a request: the caller, and the rights that a page asks for."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """A person or a program."""

    kind: Literal["open", "anonymous", "token", "session"]
    """How the caller is known: by a token, by the session of a browser, or not; `open` if nobody has to sign in."""
    actor: str
    """Name of the caller in logs, roles and RoleBindings: the prefix of the issuer, and the username."""
    issuer: str = ""
    subject: str = ""
    name: str = ""
    """Name for people; empty if the issuer gives none."""
    email: str = ""
    """Verified e-mail address in lower case; empty if there is none."""
    groups: tuple[str, ...] = ()
    expires: float = math.inf
    """When the token or the session ends, in seconds since 1970."""

    @property
    def title(self) -> str:
        """What a page calls the caller."""
        return self.name or self.actor

    def in_groups(self, kept: frozenset[str]) -> "Caller":
        """The caller with those of the groups that are in `kept`."""
        return msgspec.structs.replace(self, groups=tuple(one for one in self.groups if one in kept))


OPEN = Caller(kind="open", actor="anonymous")
ANONYMOUS = Caller(kind="anonymous", actor="anonymous")


def caller_of(request: Request) -> Caller:
    """The caller of a request; anonymous if the operation needs nothing and has not asked who calls."""
    caller: Caller = request.scope.get(CALLER, ANONYMOUS)
    return caller


class Rights:
    """What a page may offer to the caller: `may("create", "sites")` in a template.

    Args:
        decisions: for each permission that the page declares (`shows`), whether the caller has it; None if everybody
            may do everything.
    """

    def __init__(self, decisions: Mapping[Permission, bool] | None) -> None:
        self._everything = decisions is None
        self._decisions = {(one.verb, one.resource): held for one, held in (decisions or {}).items()}

    def __call__(self, verb: str, resource: str) -> bool:
        """Whether the caller may do this.

        Raises:
            LookupError: the operation of the page does not declare the permission in `shows`.
        """
        if self._everything:
            return True
        if (verb, resource) not in self._decisions:
            raise LookupError(
                f"The page asks whether the caller may {verb} {resource}; declare that in `shows`."
            )
        return self._decisions[verb, resource]


def rights_of(request: Request) -> Rights:
    """What the page of a request may offer."""
    rights: Rights = request.scope.get(RIGHTS, NO_RIGHTS)
    return rights


NO_RIGHTS = Rights({})
ALL_RIGHTS = Rights(None)
