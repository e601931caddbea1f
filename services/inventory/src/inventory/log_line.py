"""The channel that always works: a line on standard output."""

import logging
import re
import sys

import structlog

from inventory.notification_queue import Claimed

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What could end a line, or tell a terminal to do something."""


class JsonLine:
    """A log line whose `event` is the sentence, whatever the least level logged is."""

    def __init__(self) -> None:
        everything = structlog.make_filtering_bound_logger(logging.NOTSET)
        self._log = structlog.wrap_logger(structlog.PrintLogger(sys.stdout), wrapper_class=everything)

    async def deliver(self, notification: Claimed) -> None:
        """Write the line, and flush it."""
        self._log.info(
            sentence(notification),
            event_id=str(notification.event_id),
            user_id=notification.user_id,
            notification_id=notification.id,
            attempt=notification.attempt,
        )


class PlainLine:
    """The sentence alone, with control characters escaped so that it stays one line."""

    async def deliver(self, notification: Claimed) -> None:
        """Write the line, and flush it."""
        line = CONTROL.sub(lambda found: ascii(found[0])[1:-1], sentence(notification))
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def sentence(notification: Claimed) -> str:
    """What has always been printed for an event."""
    return (
        f"Event {notification.event_id} has been sent to {notification.user_id}: {notification.description}"
    )
