"""The delivery of an event to people: its notifications, and what they mean for the event."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

State = Literal["pending", "delivered", "dead", "cancelled"]


class Delivery(msgspec.Struct, frozen=True):
    """A notification of an event, for the page of the event."""

    id: int
    event_id: UUID
    channel: str
    state: State
    attempts: int
    queued_at: datetime
    due_at: datetime | None
    """When it is delivered next; None unless it is pending."""
    last_error: str | None
    finished_at: datetime | None


def state_of_event(states: Iterable[State]) -> State | None:
    """The state that stands for all notifications of an event; None if it has none.

    The first of these that any notification has: pending, dead, delivered, cancelled.
    """
    found = set(states)
    order: tuple[State, ...] = ("pending", "dead", "delivered", "cancelled")
    return next((state for state in order if state in found), None)
