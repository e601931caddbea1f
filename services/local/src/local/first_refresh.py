"""The first refresh of the feeds, in the name of the local run itself and not of a caller."""

import structlog

from balances.feed.errors import FeedError
from balances.store.lease import RefreshRefused
from chassis.errors import Unavailable
from local.ingress import Ingress

BALANCES = "/balances"

log = structlog.get_logger()


async def refresh(app: Ingress, name: str) -> None:
    """Read a feed, and log a warning if that fails. It is not needed if another refresh has just been made."""
    state = app.state_of(BALANCES)
    try:
        await state["refreshes"].refresh(state["feeds"][name])
    except RefreshRefused:
        return
    except FeedError as error:
        log.warning("A feed could not be read", feed=name, detail=str(error))
    except Unavailable as error:
        log.warning("A feed could not be read", feed=name, detail=error.detail)
    except Exception as error:  # noqa: BLE001  the other feeds and the services must go on
        log.warning("A feed could not be read", feed=name, error=repr(error))
