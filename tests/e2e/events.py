"""Checks of accepted events."""

import httpx
from tests.e2e.waiting import NotYet, until


def all_processed(ingress: httpx.Client, accepted: set[str]) -> None:
    """Wait until every accepted event is processed, and fail if one is missing."""

    def look() -> None:
        events = {one["event_id"]: one["status"] for one in ingress.get("/inventory/events/").json()}
        lost = accepted - events.keys()
        assert not lost, f"{len(lost)} of {len(accepted)} accepted events are lost"
        if waiting := sum(events[ident] != "Processed" for ident in accepted):
            raise NotYet(f"{waiting} of {len(accepted)} are not processed")

    until("all accepted events are processed", look, seconds=60)
