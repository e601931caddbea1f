"""The metrics of an application, as Prometheus gets them from its metrics port."""

from typing import cast

from starlette.applications import Starlette
from starlette.testclient import TestClient


def exposition(client: TestClient) -> str:
    """All metrics of the client's application, in the text format of Prometheus."""
    app = cast("Starlette", client.app)
    answer = TestClient(app.state.metrics).get("/metrics")
    assert answer.status_code == 200
    return answer.text


def samples(client: TestClient) -> dict[str, float]:
    """The values of all metrics of the client's application, by their names and labels."""
    lines = exposition(client).splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines) if name[:1] != "#"
    }
