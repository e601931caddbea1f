"""The slots of one channel: how many deliveries may run at once, and whether the channel works."""

import time

from chassis.process.background import Heartbeat
from inventory.notifications.queue import Channel, Claimed

FIRST_CHANNEL_PAUSE = 0.5
LONGEST_CHANNEL_PAUSE = 30.0
"""Seconds between retries of a broken channel; the pause doubles from the first to the longest."""


BROKEN_SECONDS = 10.0
"""How long a channel may be broken before the process is not live."""


class ChannelHeartbeat(Heartbeat):
    """A heartbeat that is silent while a channel is broken."""

    broken_since: float | None = None

    @property
    def silence(self) -> float:
        """Seconds since the channel stopped working; 0 while it works. This replaces the time since the last beat."""
        return 0.0 if self.broken_since is None else time.monotonic() - self.broken_since


class Slots:
    """A channel with its slots.

    After a pause, a broken channel gets one slot, so that one delivery shows whether the channel works again.

    Args:
        name: the channel's name.
        channel: delivers the notifications.
        size: how many deliveries may run at once.
    """

    def __init__(self, name: str, channel: Channel, size: int) -> None:
        self.channel = channel
        self.heartbeat = ChannelHeartbeat(f"channel {name!r}", BROKEN_SECONDS)
        self.held: dict[int, Claimed] = {}
        """Claimed notifications by id, until their outcomes are recorded."""
        self.eager = True
        """Whether the processor must look for due notifications at its next turn."""
        self.retry_at = 0.0
        """When to try a broken channel again, on the event loop's clock; 0 while it works."""
        self._size = size
        self._pause = 0.0

    def free(self, now: float) -> int:
        """How many notifications may be claimed now."""
        if now < self.retry_at:
            return 0
        return max((1 if self.retry_at else self._size) - len(self.held), 0)

    def broke(self, now: float) -> None:
        """Record that the channel is broken."""
        if self.heartbeat.broken_since is None:
            self.heartbeat.broken_since = time.monotonic()
        if now >= self.retry_at:  # once for all deliveries that failed at the same time
            self._pause = min(max(self._pause * 2, FIRST_CHANNEL_PAUSE), LONGEST_CHANNEL_PAUSE)
            self.retry_at = now + self._pause
        self.eager = True

    def worked(self) -> None:
        """Record that the channel works."""
        if self.retry_at:
            self.retry_at = self._pause = 0.0
            self.heartbeat.broken_since = None
            self.eager = True
