"""Which account belongs to a person who signs in.

A person is the issuer and the subject of the tokens, because names and e-mail addresses may change hands. On the first
request, the person is linked to the account with the same verified e-mail address, unless somebody is linked to it
already. If the operator allows it, an account is added for a person who has none.
"""

import structlog

from chassis.access.caller import Caller
from chassis.database.pool import Database
from chassis.errors import Conflict, Invalid, Unavailable
from inventory.common.own_account import OwnAccount
from inventory.people import identities
from inventory.people.identities import LONGEST_SUBJECT, Candidates, Identity

PROGRAMS = "system:serviceaccount:"
"""Beginning of the names of the cluster's service accounts, which no other issuer may use."""

log = structlog.get_logger()


def is_person(caller: Caller) -> bool:
    """Whether a caller is a person, and not a program of the cluster."""
    return caller.kind in ("token", "session") and not caller.actor.startswith(PROGRAMS)


async def match(database: Database, caller: Caller, *, add_people: bool) -> OwnAccount:
    """The account of a person, who is linked to it now if that was not done before.

    While the database accepts no changes, the account with the e-mail address counts, and it is linked later.

    Args:
        database: pool of the database with the accounts.
        caller: the person.
        add_people: whether an account is added for a person who has none.

    Raises:
        Unavailable: the accounts cannot be read.
    """
    identity = Identity(caller.issuer, caller.subject, caller.email)
    found = await identities.find(database, identity)
    if len(caller.subject) > LONGEST_SUBJECT:
        reason = f"The subject in your token has more than {LONGEST_SUBJECT} characters."
        return OwnAccount(reason=reason, inactive=found.inactive)
    may_add = add_people and caller.email != "" and found.taken is None
    if found.linked is None and (found.free is not None or may_add):
        try:
            if found.free is not None:
                await _link(database, caller, identity)
            else:
                await _add(database, caller, identity)
        except (Conflict, Unavailable):
            reason = "" if found.free else "No account could be added now. Try it again."
            return OwnAccount(found.free, reason, found.inactive)
        except Invalid:
            return OwnAccount(reason=UNFIT)
        found = await identities.find(database, identity)  # perhaps another request was faster
    reason = "" if found.linked else _reason(caller, found, add_people=add_people)
    return OwnAccount(found.linked, reason, found.inactive)


async def _link(database: Database, caller: Caller, identity: Identity) -> None:
    if await identities.link(database, identity):
        log.info("A person was linked to the account with the e-mail address", actor=caller.actor)


async def _add(database: Database, caller: Caller, identity: Identity) -> None:
    if await identities.add(database, identity, caller.actor):
        log.info("An account was added for a person who signed in", actor=caller.actor)


UNFIT = (
    "No account could be added for you. A username has at most 200 characters and no invisible ones, and an e-mail"
    " address is like ada@example.org. An administrator can add an account with your e-mail address and another"
    " username."
)


def _reason(caller: Caller, found: Candidates, *, add_people: bool) -> str:
    if not caller.email:
        return "Your sign-in has no verified e-mail address, by which an account could be found."
    if found.taken is not None:
        return (
            "Another sign-in is linked to the account with your e-mail address. An administrator can remove that"
            " link on the page of the account."
        )
    if not add_people:
        return f"No account has your e-mail address, {caller.email}. An administrator can add one."
    return (
        f"Another account has your username, {caller.actor}. An administrator can add an account with your e-mail"
        " address and another username."
    )
