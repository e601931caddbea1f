"""The access of a service as its settings say."""

from contextlib import AbstractAsyncContextManager, nullcontext

from starlette.requests import Request

from chassis.access.access import Access, Admission
from chassis.access.authorization import Roles
from chassis.access.caller import ANONYMOUS, Caller
from chassis.access.session_cookie import session_cookie
from chassis.access.sessions import Sessions
from chassis.process.settings import Settings


def access_of(settings: Settings, admission: Admission, sessions: Sessions) -> Access:
    """The access that the settings describe.

    Args:
        settings: settings of the service.
        admission: a further check of the service.
        sessions: verifies the cookies of browsers.

    Raises:
        SettingsError: the settings contradict each other, or the service would be open to the network unconfirmed.
    """
    if settings.access == "open":
        return Access()
    return Access(OnlySessions(sessions), Roles(settings.access_roles), admission)


class OnlySessions:
    """A placeholder until tokens are verified: callers are known by their session."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def authenticate(self, request: Request) -> Caller:
        """The caller of the session."""
        return self._sessions.read(session_cookie(request)) or ANONYMOUS

    def running(self) -> AbstractAsyncContextManager[None]:
        """Nothing runs."""
        return nullcontext()
