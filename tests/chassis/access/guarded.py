"""The guarded service as a process with its log in a file, and in this process."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

import httpx
from httpx2 import Response  # of Starlette's TestClient
from starlette.testclient import TestClient
from tests.chassis.access.guarded_service import OPERATIONS, SERVICE
from tests.support.issuer import TestIssuer
from tests.support.processes import Running, free_port, wait_until_live

from chassis.process import logs
from chassis.process.access_settings import Issuer
from chassis.process.settings import Settings
from chassis.web.app import create_app

SCRIPT = Path(__file__).parent / "guarded_service.py"

ROLES = {"viewer": ["group:lab"], "admin": ["user:root"]}
"""Who has which role in the tests."""


class Guarded(NamedTuple):
    """The service in a process of its own."""

    url: str
    log: Path

    def get(self, path: str = "/v1/notes", **headers: str) -> httpx.Response:
        """Send a request; its id is in the response and in the log."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.get(self.url + path, headers={"X-Request-ID": str(uuid4()), **sent})

    def lines(self, response: httpx.Response) -> Sequence[Mapping[str, Any]]:
        """The lines that the service has logged for a request, when there is one."""
        ident = response.request.headers["X-Request-ID"]
        for _ in range(100):
            found = [line for line in self.log.read_text().splitlines() if ident in line]
            if found:
                return [json.loads(line) for line in found]
            time.sleep(0.02)
        raise AssertionError("the request was not logged")


@contextmanager
def guarded_process(folder: Path, **environment: str) -> Iterator[Guarded]:
    """Run the service in a process until the end of the block."""
    log = folder / "log"
    port = free_port()
    settings = {"ACCESS": "token", "ACCESS_ROLES": json.dumps(ROLES), "PORT": str(port), **environment}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT)],
            env={**os.environ, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        wait_until_live(Running(process, f"http://127.0.0.1:{port}"))
        yield Guarded(f"http://127.0.0.1:{port}", log)
    finally:
        process.terminate()
        process.wait(20)


class Guard(Protocol):
    """The fixture `guard`: starts the service in this process, with these settings."""

    def __call__(self, *issuers: Issuer, **settings: Any) -> TestClient: ...


def guarded_client(*issuers: Issuer, **settings: Any) -> TestClient:
    """The service in this process."""
    given = {"access": "token", "access_issuers": issuers, "access_roles": ROLES, **settings}
    chosen = Settings(**given)
    logs.configure(chosen, SERVICE.name, SERVICE.version)
    return TestClient(create_app(SERVICE, chosen, OPERATIONS))


def trusted(issuer: TestIssuer, **more: Any) -> Issuer:
    """The settings that trust an issuer."""
    return Issuer(issuer=issuer.url, **more)


def bearer(token: str) -> dict[str, str]:
    """The header with a token."""
    return {"Authorization": f"Bearer {token}"}


def get(client: TestClient, token: str, path: str = "/v1/notes") -> Response:
    """Send a request with a token."""
    return client.get(path, headers=bearer(token))
