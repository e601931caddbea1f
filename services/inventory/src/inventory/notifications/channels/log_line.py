"""The channel that needs nothing else: a line on standard output.

The line is a delivery, so it is not dropped as other log lines are when standard output fails.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from chassis.process import logs
from inventory.notifications.queue import ChannelBroken, Claimed

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What could end a line, tell a terminal to do something, or (bidirectional controls) show text in another order."""


class JsonLine:
    """A log line whose `event` is the sentence, whatever the least level logged is."""

    def __init__(self) -> None:
        everything = structlog.make_filtering_bound_logger(logging.NOTSET)
        self._log = structlog.wrap_logger(logs.Lines(), wrapper_class=everything)

    async def deliver(self, notification: Claimed) -> None:
        """Write the line."""
        with _writing():
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
        """Write the line."""
        line = CONTROL.sub(lambda found: ascii(found[0])[1:-1], sentence(notification))
        with _writing():
            logs.OUTPUT.write(line)


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ChannelBroken(f"Nothing can be written to standard output: {error}") from error


def sentence(notification: Claimed) -> str:
    """What has always been printed for an event."""
    return (
        f"Event {notification.event_id} has been sent to {notification.user_id}: {notification.description}"
    )
