"""The account of the person who sends a request. `people.admission` finds it, before the operation is called."""

import msgspec
from starlette.requests import Request

SCOPE = "inventory.own_account"
"""Member of the scope of a request."""


class Account(msgspec.Struct, frozen=True):
    """What is known of the account of a caller."""

    id: int
    username: str
    active: bool


class OwnAccount(msgspec.Struct, frozen=True):
    """The account of a caller, if there is one."""

    account: Account | None = None
    reason: str = ""
    """Sentences that say why a person has no account; empty for programs, which need none."""
    inactive: Account | None = None
    """An account that is not active, and keeps the caller out: the own one, or one with the same e-mail address."""


NONE = OwnAccount()


def own_account(request: Request) -> OwnAccount:
    """The account of the caller of a request."""
    found: OwnAccount = request.scope.get(SCOPE, NONE)
    return found
