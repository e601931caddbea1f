"""The credential of the person who looks at the portal. The services see it, so each person sees what they may see."""

import hashlib
from collections.abc import Mapping

import msgspec
from starlette.requests import Request

from chassis.access.session_cookie import COOKIE, session_cookie


class Credential(msgspec.Struct, frozen=True):
    """What a request says about its caller. Other cookies and headers are not passed on."""

    authorization: str = ""
    session: str = ""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of a request with this credential. A token comes before a session, as everywhere."""
        if self.authorization:
            return {"Authorization": self.authorization}
        return {"Cookie": f"{COOKIE}={self.session}"} if self.session else {}

    @property
    def digest(self) -> bytes:
        """Tells one credential from another without keeping it."""
        return hashlib.sha256(f"{self.authorization}\n{self.session}".encode()).digest()


def credential_of(request: Request) -> Credential:
    """The credential of a request; empty if it has none."""
    return Credential(request.headers.get("authorization", ""), session_cookie(request))
