"""What became of events that were accepted."""

import httpx
from tests.e2e.waiting import NotYet, until


def all_processed(ingress: httpx.Client, accepted: set[str]) -> None:
    """Wait until every accepted event is processed; it is an error when one is not there at all."""

    def look() -> None:
        events = {one["event_id"]: one["status"] for one in ingress.get("/inventory/events/").json()}
        lost = accepted - events.keys()
        assert not lost, f"{len(lost)} of {len(accepted)} accepted events are lost"
        if waiting := sum(events[ident] != "Processed" for ident in accepted):
            raise NotYet(f"{waiting} of {len(accepted)} are not")

    until("all accepted events are processed", look, seconds=60)
