"""The keys of sessions, and sessions made with them as status makes them."""

import base64
import json
import secrets
import time
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from chassis.access.caller import Caller
from chassis.access.sessions import Sessions
from chassis.access.signed_out import SignedOut

ISSUER = "https://id.lab.example"


def new_key() -> str:
    """A key of sessions, as a line of the file."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def write_keys(path: Path) -> Path:
    """Write a file with one new key."""
    path.write_text(f"{new_key()}\n")
    return path


def session_of(
    keys: Path,
    actor: str = "ada@lab.example",
    name: str = "Ada Lovelace",
    *groups: str,
    issuer: str = ISSUER,
    age: float = 0,
) -> str:
    """The cookie of a person who signed in.

    Args:
        keys: the file with the keys.
        actor: the person's name in roles.
        name: the name that pages show.
        groups: the person's groups.
        issuer: the issuer that named the person.
        age: seconds since the person signed in.
    """
    sessions = Sessions(str(keys), SignedOut(CollectorRegistry()), lambda: time.time() - age)
    return sessions.start(
        Caller(kind="token", actor=actor, issuer=issuer, subject=actor, name=name, groups=groups)
    )


def claims_of(cookie: str) -> dict[str, Any]:
    """What a session says, without a check of its signature."""
    part = cookie.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
