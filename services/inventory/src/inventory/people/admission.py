"""A person whose account is not active may do nothing, from the moment on at which it is deactivated.

The same holds for whoever has the verified e-mail address of such an account: a person may have several sign-ins.
"""

import time

from starlette.requests import Request

from chassis.access.caller import Caller
from chassis.access.expiring_cache import ExpiringCache
from chassis.access.permissions import Need
from chassis.database.pool import Database
from chassis.errors import Forbidden
from chassis.web.same_origin import SAFE
from inventory.common.own_account import SCOPE, OwnAccount
from inventory.people.matching import is_person, match

KNOWN_SECONDS = 1.0
"""How long a request that changes nothing may use what an earlier request has read."""

MOST_KNOWN = 1024
"""Maximum number of people whose accounts are remembered."""


class Admission:
    """Finds the account of each person who sends a request, and refuses those whose account is not active.

    A request that changes something always asks the database. While the database cannot be asked, people get a 503.

    Args:
        database: pool of the database with the accounts.
        add_people: whether an account is added for a person who has none.
    """

    def __init__(self, database: Database, *, add_people: bool) -> None:
        self._database = database
        self._add_people = add_people
        self._known: ExpiringCache[tuple[str, str, str], OwnAccount] = ExpiringCache(MOST_KNOWN)
        self._changes = 0

    async def admit(self, request: Request, caller: Caller, need: Need) -> None:
        """Check that the account of the caller is active, and the one with the caller's verified e-mail address.

        No account is added for a request that only asks who the caller is, because it needs no permission.

        Raises:
            Forbidden: one of them is not active.
            Unavailable: the database cannot be asked.
        """
        if not is_person(caller):
            return
        known = self._known.get(_key(caller)) if request.method in SAFE else None
        own = known or await self._read(caller, add_people=self._add_people and need != "identity")
        if own.inactive is not None:
            which = "" if own.inactive == own.account else ", which has the same e-mail address,"
            raise Forbidden(
                f"{caller.actor} may do nothing in the inventory, because the account {own.inactive.username}{which}"
                " is not active. An administrator can activate it."
            )
        request.scope[SCOPE] = own

    def forget(self) -> None:
        """Forget all accounts, because one of them was changed."""
        self._changes += 1
        self._known.clear()

    async def _read(self, caller: Caller, *, add_people: bool) -> OwnAccount:
        start, changes = time.monotonic(), self._changes
        own = await match(self._database, caller, add_people=add_people)
        if changes == self._changes:  # else it may be what was there before the change
            left = start + KNOWN_SECONDS - time.monotonic()
            self._known.put(_key(caller), own, left)
        return own


def _key(caller: Caller) -> tuple[str, str, str]:
    return caller.issuer, caller.subject, caller.email
