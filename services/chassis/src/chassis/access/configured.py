"""The access of a service as its settings say."""

from contextlib import AbstractAsyncContextManager, nullcontext

from starlette.requests import Request

from chassis.access.access import Access, Admission
from chassis.access.authorization import Roles
from chassis.access.caller import ANONYMOUS, Caller
from chassis.process.settings import Settings


def access_of(settings: Settings, admission: Admission) -> Access:
    """The access that the settings describe.

    Args:
        settings: settings of the service.
        admission: a further check of the service.

    Raises:
        SettingsError: the settings contradict each other, or the service would be open to the network unconfirmed.
    """
    if settings.access == "open":
        return Access()
    return Access(NobodyYet(), Roles(settings.access_roles), admission)


class NobodyYet:
    """A placeholder until tokens and sessions are verified: every caller is anonymous."""

    async def authenticate(self, request: Request) -> Caller:
        """Anonymous."""
        del request
        return ANONYMOUS

    def running(self) -> AbstractAsyncContextManager[None]:
        """Nothing runs."""
        return nullcontext()
