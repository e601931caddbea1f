"""Callers with roles, for tests of what each role may do."""

import base64
import json
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request

from chassis.access.caller import ANONYMOUS, Caller
from chassis.access.permissions import ROLES, Permission, Role, includes, permissions_of
from chassis.process.access_settings import Issuer
from chassis.web.operations import Operation

ISSUER = "https://id.lab.example"

ACCESS: dict[str, Any] = {
    "access": "token",
    "access_issuers": [Issuer(issuer=ISSUER)],
    "access_roles": {role: [f"group:{role}s"] for role in ROLES},
}
"""Settings with which members of the group `viewers` are viewers, and so on."""


class HeaderAuthenticator:
    """Believes the header that `signed_in` makes."""

    async def authenticate(self, request: Request) -> Caller:
        """The caller in the header."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind != "Bearer":
            return ANONYMOUS
        return msgspec.json.decode(base64.b64decode(token), type=Caller)

    def running(self) -> AbstractAsyncContextManager[None]:
        """Nothing runs."""
        return nullcontext()


def believing(app: Starlette) -> Starlette:
    """The application, with callers of `signed_in`."""
    app.state.access._authenticator = HeaderAuthenticator()
    return app


def signed_in(
    name: str, role: Role | None = None, *, issuer: str = ISSUER, email: str = "", username: str = ""
) -> dict[str, str]:
    """The headers of a request of somebody.

    Args:
        name: the subject of the caller.
        role: the role; None for none.
        issuer: issuer of the token.
        email: verified e-mail address.
        username: name of the caller in logs; the subject if it is empty.
    """
    caller = {
        "kind": "token",
        "actor": username or name,
        "issuer": issuer,
        "subject": name,
        "email": email,
        "groups": [f"{role}s"] if role else [],
    }
    return {"Authorization": f"Bearer {base64.b64encode(json.dumps(caller).encode()).decode()}"}


def program(role: Role, name: str = "cron") -> dict[str, str]:
    """The headers of a request of a service account of the cluster."""
    actor = f"system:serviceaccount:lab:{name}"
    return signed_in(actor, role, issuer="https://kubernetes.default.svc")


def may(role: Role, operation: Operation) -> bool:
    """Whether a role has what an operation needs."""
    needed: tuple[Permission, ...] = permissions_of(operation.needs)
    return all(includes(role, permission.role) for permission in needed)
