"""Events at their original paths: each file in `event_cases/` is a case.

A case is a list of requests with the status and the answer expected. `$name` stands for a value that is taken from
the first answer which has it there, and is the same from then on; `...` for any value.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

CASES = sorted(Path(__file__).with_name("event_cases").glob("*.json"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_responses_are_those_of_the_case(empty: TestClient, case: Path) -> None:
    known: dict[str, str] = {}
    for step in json.loads(case.read_text(encoding="utf-8"))["steps"]:
        method, path = filled(step["request"], known).split(" ", 1)
        content = filled(step.get("text", json.dumps(step.get("body"))), known)
        answer = empty.request(method, path, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == step["status"], (step, answer.text)
        if "answer" in step:
            assert_matches(answer.json(), step["answer"], known)
        else:
            assert answer.headers["content-type"] == "application/problem+json"


def filled(text: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(name, value)
    return text


def assert_matches(found: Any, expected: Any, known: dict[str, str]) -> None:
    if expected == "...":
        return
    if isinstance(expected, str) and expected.startswith("$"):
        expected = known.setdefault(expected, found)
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        for name, value in expected.items():
            assert_matches(found[name], value, known)
    elif isinstance(expected, list):
        assert len(found) == len(expected), (found, expected)
        for one, value in zip(found, expected, strict=True):
            assert_matches(one, value, known)
    else:
        assert found == expected


@pytest.mark.parametrize("prefix", ["", "/inventory"])
def test_ping_responds_with_the_time(empty: TestClient, prefix: str) -> None:
    now = datetime.fromisoformat(empty.get(f"{prefix}/ping/").json()["now"])
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)


def test_a_body_of_another_type_is_refused(empty: TestClient) -> None:
    assert empty.post("/events/", data={"user_id": "ada", "description": "x"}).status_code == 422
    assert empty.get("/events/").json() == []


def test_a_body_beyond_the_limit_is_refused(empty: TestClient) -> None:
    body = {"user_id": "ada", "description": "x" * 1_100_000}
    assert empty.post("/events/", json=body).status_code == 413


def test_the_documentation_is_there(empty: TestClient) -> None:
    answer = empty.get("/docs")
    assert answer.headers["content-type"].startswith("text/html")
    assert "/events/{event_id}" in answer.text
