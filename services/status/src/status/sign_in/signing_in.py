"""What the pages of signing in and out know: how people can sign in here, and why some cannot."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request

from chassis.access.loopback import is_loopback
from chassis.process.access_settings import CLUSTER
from chassis.process.settings import Settings
from status.sign_in.attempts import UsedAttempts
from status.sign_in.next_page import NextPage
from status.sign_in.provider import Provider

CALLBACK = "/sign-in/callback"


class SigningIn(msgspec.Struct, frozen=True, kw_only=True):
    """How people sign in to an installation."""

    is_open: bool
    """Whether nobody needs to sign in."""
    provider: Provider | None
    used: UsedAttempts
    next_page: NextPage
    audience: str
    """The audience that a token of the cluster must have; empty if the cluster is not trusted."""
    accepts_tokens: bool
    separate_hosts: Sequence[str]
    """The services that are on other hosts, where the session of this host is not valid."""
    public_origin: str

    def address_problem(self, request: Request) -> str:
        """Why a browser keeps no session at the address of a request; empty if it does.

        A browser keeps a cookie with `Secure` only if it has a secure connection, or one to its own machine. It sends
        `Sec-Fetch-Site` under the same condition.
        """
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
        public = urlsplit(self.public_origin)
        if public.scheme == "http" and not is_loopback(public.hostname or ""):
            return f"The address {self.public_origin} is not encrypted, so a browser keeps no session there."
        encrypted = public.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
        if encrypted or is_loopback(host) or "sec-fetch-site" in request.headers:
            return ""
        return "This address is not encrypted, so a browser keeps no session here."


def signing_in(settings: Settings, provider: Provider | None) -> SigningIn:
    """How people sign in with these settings."""
    links = {
        "Status": settings.status_link,
        "Inventory": settings.inventory_link,
        "Balances": settings.balances_link,
    }
    local = [link for link in links.values() if link.startswith("/")]
    root = settings.path_prefix
    cluster = next((one for one in settings.access_issuers if one.issuer == CLUSTER), None)
    return SigningIn(
        is_open=settings.access == "open",
        provider=provider,
        used=UsedAttempts(),
        next_page=NextPage([*{*local, root} - {""}], [f"{root}/sign-in", f"{root}/sign-out"]),
        audience=(cluster.audience or settings.access_audience) if cluster else "",
        accepts_tokens=bool(settings.access_issuers),
        separate_hosts=[
            name for name, link in links.items() if not link.startswith("/") and name != "Status"
        ],
        public_origin=settings.public_origin,
    )
