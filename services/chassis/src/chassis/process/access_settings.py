"""The settings of access (docs/access.md): issuers of tokens, roles, and the algorithms of signatures."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from chassis.validation.patterns import ISSUER, SUBJECT

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]

ALGORITHMS: tuple[Algorithm, ...] = ("RS256", "ES256")

CLUSTER = "kubernetes"
"""Name of the issuer of the cluster's service account tokens in ACCESS_ISSUERS."""

Subject = Annotated[
    str,
    Meta(
        pattern=SUBJECT,
        description="`user:<name>`, `group:<name>` or `serviceaccount:<namespace>/<name>`",
    ),
]


class Issuer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An issuer of tokens that the operator trusts."""

    issuer: Annotated[
        str,
        Meta(
            pattern=ISSUER,
            description="URL of an OpenID Connect provider, or `kubernetes` for the cluster's service account tokens",
        ),
    ]
    username: Annotated[str, Meta(min_length=1, description="Claim with the username")] = "sub"
    groups: Annotated[str, Meta(description="Claim with the groups; empty for none")] = "groups"
    prefix: Annotated[
        str, Meta(description="Put before usernames and groups; at most one OpenID Connect provider has none")
    ] = ""
    audience: Annotated[
        str, Meta(description="Audience that its tokens must have; ACCESS_AUDIENCE if it is empty")
    ] = ""


Issuers = Annotated[
    Sequence[Issuer],
    Meta(
        extra={"member": "issuer"},
        examples=[[{"issuer": "kubernetes"}, {"issuer": "https://id.lab.example", "username": "email"}]],
        description="Issuers of tokens that are trusted, as JSON:"
        ' `[{"issuer": "kubernetes"}, {"issuer": "https://id.lab.example", "username": "email"}]`',
    ),
]

RoleSubjects = Annotated[
    Mapping[Literal["viewer", "member", "keeper", "admin"], Sequence[Subject]],
    Meta(
        extra={"member": "role"},
        examples=[{"admin": ["group:it"], "viewer": ["serviceaccount:monitoring/grafana"]}],
        description="Who has each role, as JSON:"
        ' `{"admin": ["group:it"], "viewer": ["serviceaccount:monitoring/grafana"]}`',
    ),
]
