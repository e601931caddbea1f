"""Cookies that must be refused: the status, and one log line without the cookie."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.access.callers import browser, cookie, invalid_cookies
from tests.access.lab import Lab
from tests.support.issuer import TestIssuer

Make = Callable[[Path, TestIssuer], str]

SERVICE = "inventory"


def of_kind(kind: str) -> Make:
    return lambda keys, issuer: invalid_cookies(keys, issuer)[kind]


COOKIES: Mapping[str, tuple[Make, int]] = {
    "another release": (of_kind("session of another release"), 401),
    "another key": (of_kind("session of another key"), 401),
    "changed": (of_kind("session that somebody changed"), 401),
    "a token": (of_kind("token as a session"), 401),
    "two parts": (lambda keys, issuer: cookie(keys, issuer).rpartition(".")[0], 401),
    "twice": (lambda keys, issuer: cookie(keys, issuer) * 2, 401),
    "garbage": (lambda *_: "garbage-that-is-no-session", 401),
    "30 KB": (lambda *_: "x" * 30_000, 401),
    "a megabyte": (lambda *_: "x" * 1024 * 1024, 431),
}


@pytest.mark.parametrize(("make", "status"), COOKIES.values(), ids=list(COOKIES))
def test_a_bad_cookie_is_refused_with_one_log_line(
    lab: Lab, session_keys: Path, issuer: TestIssuer, make: Make, status: int
) -> None:
    value = make(session_keys, issuer)
    before = lab.log(SERVICE)
    response = lab.client.get(f"{lab.url(SERVICE)}/v1/me", headers=browser(value))
    assert response.status_code == status
    (line,) = lines(lab, before, status)
    assert line.get("actor", "anonymous") == "anonymous"
    for part in value.split("."):
        assert len(part) < 12 or part not in lab.log(SERVICE)


def lines(lab: Lab, before: str, status: int) -> Sequence[Mapping[str, Any]]:
    """The new lines with a status in the log, when there are some."""
    deadline = time.monotonic() + 20
    while True:
        found = [json.loads(line) for line in lab.log(SERVICE)[len(before) :].splitlines()]
        if chosen := [line for line in found if line.get("status") == status]:
            return chosen
        assert time.monotonic() < deadline
        time.sleep(0.02)
