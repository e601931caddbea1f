"""Fixtures of the tests of access: a real issuer, and the guarded service."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.chassis.access.guarded import Guard, guarded_client
from tests.support.api_server import TestApiServer, serving_api
from tests.support.issuer import TestIssuer, issuing

from chassis.access import issuer_keys, kubernetes_authorizer
from chassis.process.access_settings import Issuer


@pytest.fixture
def issuer() -> Iterator[TestIssuer]:
    """An issuer for one test, which may stop it."""
    with issuing() as issuer:
        yield issuer


@pytest.fixture
def api_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestApiServer]:
    """An API server, whose address is in the environment as in a pod."""
    with serving_api(tmp_path) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Guard]:
    """Starts the guarded service in this process; it is stopped after the test.

    It waits longer for other servers than in earnest, so that tests do not fail on a busy machine.
    """
    monkeypatch.setattr(issuer_keys, "WAIT_SECONDS", 20)
    monkeypatch.setattr(kubernetes_authorizer, "REVIEW_SECONDS", 20)
    with ExitStack() as stack:

        def start(*issuers: Issuer, **settings: Any) -> TestClient:
            return stack.enter_context(guarded_client(*issuers, **settings))

        yield start
