"""The route `/v1/me`: who calls, and which role they have in this service."""

import datetime as dt
import math
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from chassis.access.access import Access
from chassis.access.caller import caller_of
from chassis.access.permissions import Role
from chassis.process.settings import Settings
from chassis.web.operations import Endpoint, Operation

DecidedBy = Literal["open", "roles", "kubernetes"]


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """The caller, as this service knows it."""

    actor: Annotated[
        str,
        Meta(
            description="Name of the caller in logs, roles and RoleBindings; `anonymous` if nobody has to sign in",
            examples=["ada@lab.example"],
        ),
    ]
    name: Annotated[
        str, Meta(description="Name for people; empty if it is not known", examples=["Ada Lovelace"])
    ]
    email: Annotated[
        str, Meta(description="Verified e-mail address; empty if there is none", examples=["ada@lab.example"])
    ]
    issuer: Annotated[
        str, Meta(description="Issuer of the caller's token", examples=["https://id.lab.example"])
    ]
    groups: Annotated[tuple[str, ...], Meta(description="Groups of the caller", examples=[["it"]])]
    role: Annotated[
        Role | None, Meta(description="Role in this service; null if there is none, or if roles are not used")
    ]
    decided_by: Annotated[
        DecidedBy,
        Meta(
            description="What decides what callers may do: the `roles` in the settings, or the RBAC of the cluster"
            " (`kubernetes`); `open` if everybody may do everything"
        ),
    ]
    expires_at: Annotated[
        dt.datetime | None,
        Meta(description="When the token or the session ends; null if nobody has to sign in"),
    ]


def me(settings: Settings, access: Access) -> Operation:
    """The operation `GET /v1/me` of a service."""
    decided_by: DecidedBy = "open" if access.is_open else settings.access_authorizer
    return Operation(
        method="GET",
        path="/v1/me",
        endpoint=_endpoint(access, decided_by),
        summary="Read who calls, and which role they have",
        needs="identity",
        returns=Me,
    )


def _endpoint(access: Access, decided_by: DecidedBy) -> Endpoint:
    async def get_me(request: Request) -> Response:
        caller = caller_of(request)
        found = Me(
            actor=caller.actor,
            name=caller.name,
            email=caller.email,
            issuer=caller.issuer,
            groups=caller.groups,
            role=access.role(caller),
            decided_by=decided_by,
            expires_at=None
            if math.isinf(caller.expires)
            else dt.datetime.fromtimestamp(caller.expires, dt.UTC),
        )
        headers = {"Cache-Control": "no-store"}
        return Response(msgspec.json.encode(found), media_type="application/json", headers=headers)

    return get_me
