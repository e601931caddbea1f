"""The operation `GET /v1/me`: who the caller is, and what they may do in this service."""

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from chassis.access.access import Access
from chassis.access.caller import Caller, caller_of
from chassis.access.permissions import Permission, Role, permissions_of
from chassis.web.operations import Operation


class Held(msgspec.Struct, frozen=True):
    """What the caller may do with one resource."""

    resource: Annotated[str, Meta(description="Name of the resource", examples=["sites"])]
    verbs: Annotated[
        Sequence[str], Meta(description="What the caller may do with it", examples=[["get", "list"]])
    ]


class Me(msgspec.Struct, frozen=True):
    """The caller, and what they may do in this service."""

    actor: Annotated[
        str,
        Meta(
            description="Name of the caller in logs, roles and RoleBindings",
            examples=["system:serviceaccount:lab:robot"],
        ),
    ]
    kind: Annotated[
        Literal["open", "token", "session"],
        Meta(description="How the caller is known; `open` if nobody has to sign in", examples=["token"]),
    ]
    name: Annotated[str, Meta(description="Name for people; empty if the issuer gives none")]
    email: Annotated[str, Meta(description="Verified e-mail address; empty if there is none")]
    groups: Annotated[
        Sequence[str], Meta(description="Groups of the caller that matter in this service", examples=[["it"]])
    ]
    role: Annotated[
        Role | None,
        Meta(description="Role in this service; null if there is none, or if roles are not used"),
    ]
    permissions: Annotated[
        Sequence[Held],
        Meta(description="What the caller may do in this service, by the name of the resource"),
    ]
    expires_at: Annotated[
        dt.datetime | None, Meta(description="When the token or the session ends; null if it does not")
    ]


def me_operation(access: Access, operations: Iterable[Operation]) -> Operation:
    """The operation `GET /v1/me`.

    Args:
        access: decides what callers may do.
        operations: the operations of the service, with all permissions that there are.
    """
    needed = {one for operation in operations for one in (*permissions_of(operation.needs), *operation.shows)}
    permissions = sorted(needed, key=lambda one: (one.resource, one.verb))

    async def get_me(request: Request) -> Response:
        caller = caller_of(request)
        rights = await access.rights(caller, permissions)
        held = [one for one in permissions if rights(one.verb, one.resource)]
        body = msgspec.json.encode(_described(caller, access.role(caller), held))
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    return Operation(
        method="GET",
        path="/v1/me",
        endpoint=get_me,
        summary="Read who you are, and what you may do",
        needs="identity",
        returns=Me,
    )


def _described(caller: Caller, role: Role | None, held: Sequence[Permission]) -> Me:
    assert caller.kind != "anonymous"  # noqa: S101  the operation needs an identity
    return Me(
        actor=caller.actor,
        kind=caller.kind,
        name=caller.name,
        email=caller.email,
        groups=caller.groups,
        role=role,
        permissions=[
            Held(resource, [one.verb for one in group])
            for resource, group in groupby(held, attrgetter("resource"))
        ],
        expires_at=None if math.isinf(caller.expires) else dt.datetime.fromtimestamp(caller.expires, dt.UTC),
    )
