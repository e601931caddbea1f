"""What tests read from responses."""

import time
from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient


def pages(client: TestClient, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    items: list[dict[str, Any]] = []
    while True:
        answer = client.get(path, params=parameters).json()
        items += answer["items"]
        if "next" not in answer:
            return items
        parameters["cursor"] = answer["next"]


def problem(answer: Any, status: int) -> str:
    """The detail of a problem with that status."""
    found = (answer.status_code, answer.headers["content-type"])
    assert found == (status, "application/problem+json"), answer.text
    return str(answer.json()["detail"])


def until(condition: Callable[[], bool]) -> None:
    """Wait until the condition is true, for at most 30 s."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
