"""What a person may do in each service, as the service itself says."""

from collections.abc import Sequence

import msgspec

from status.portal.credential import Credential
from status.portal.services import ServiceClient


class Held(msgspec.Struct, frozen=True):
    """What a person may do with one resource."""

    resource: str
    verbs: Sequence[str]


class MeThere(msgspec.Struct, frozen=True):
    """The response of `GET /v1/me` of a service."""

    role: str | None
    permissions: Sequence[Held]

    def may(self, verb: str, resource: str) -> bool:
        """Whether the person may do this there."""
        return any(one.resource == resource and verb in one.verbs for one in self.permissions)


async def ask_me(client: ServiceClient, credential: Credential) -> MeThere:
    """What the owner of a credential may do in a service.

    Raises:
        Refused: the service does not accept the credential, or the person's account is not active.
        NoAnswer: the service gave no answer that can be used.
    """
    return await client.get("/v1/me", MeThere, credential)
