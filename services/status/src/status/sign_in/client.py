"""The settings of the client that this installation is at an OpenID Connect provider."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from chassis.process.settings import Settings
from chassis.validation.patterns import PROVIDER

SETTING = "SIGN_IN_CLIENT"

Scope = Annotated[str, Meta(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+\Z")]
"""A scope as RFC 6749, section 3.3, defines it."""


class SignInClient(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A client that is registered at an OpenID Connect provider."""

    issuer: Annotated[str, Meta(pattern=PROVIDER, description="URL of the provider")]
    client_id: Annotated[str, Meta(min_length=1, description="Identifier of the client")]
    client_secret: Annotated[str, Meta(description="Its secret; empty if it has none (a public client)")] = ""
    scopes: Annotated[
        Sequence[Scope], Meta(description="Scopes that are asked for; `openid` is one of them")
    ] = (
        "openid",
        "profile",
        "email",
    )
    groups: Annotated[
        Sequence[str],
        Meta(
            description="Groups that sessions keep, with the prefix of the issuer; all groups if it is empty"
        ),
    ] = ()

    @property
    def host(self) -> str:
        """Host of the provider, as the page where people sign in names it."""
        return self.issuer.partition("://")[2].partition("/")[0]


def problems(client: SignInClient, settings: Settings) -> Iterator[str]:
    """What is wrong with the settings, so that nobody could sign in at the provider."""
    if client.issuer not in [one.issuer for one in settings.access_issuers]:
        yield (
            f"{SETTING} has the issuer {client.issuer}, whose tokens are not trusted: ACCESS_ISSUERS must have it, too."
        )
    if "openid" not in client.scopes:
        yield f"The scopes in {SETTING} must have openid, otherwise the provider does not say who signs in."
    if not settings.public_origin:
        yield (
            f"{SETTING} needs PUBLIC_ORIGIN, such as https://lab.example: the provider sends people back to that"
            " address."
        )
    if not settings.access_session_keys_file:
        yield f"{SETTING} needs ACCESS_SESSION_KEYS_FILE, because a session is signed with its first key."
