"""The channel `log`: a line on standard output.

Other log lines are dropped when standard output fails. This line is a delivery, so the failure is raised.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from chassis.process import logs
from inventory.notifications.queue import ChannelBroken, Claimed

CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)
"""Characters that end a line, control a terminal, change the direction of text, or are invisible.

These are the control and format characters of Unicode (categories Cc and Cf), and its line separators.
"""


class JsonLine:
    """A JSON log line whose `event` is the sentence; written whatever the log level is."""

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
    """The sentence that the original program printed for an event."""
    return (
        f"Event {notification.event_id} has been sent to {notification.user_id}: {notification.description}"
    )
