"""Callers with roles, for tests of what each role may do: people of two issuers, and programs of a cluster.

The issuers and the API server of the cluster are real servers. They start when they are needed, and run until the end
of the process.
"""

import functools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.support.api_server import TestApiServer
from tests.support.issuer import TestIssuer

from chassis.access.permissions import ROLES, Role, includes, permissions_of
from chassis.process.access_settings import CLUSTER, Issuer
from chassis.process.settings import Settings
from chassis.web.operations import Operation

S = TypeVar("S", bound=Settings)

OTHER = "other:"
"""The prefix of the names and groups of the other issuer."""

LIFETIME = 86_000.0
"""Seconds for which the tokens are valid: longer than any run of the tests."""


@functools.cache
def issuer() -> TestIssuer:
    """The issuer of most people."""
    return TestIssuer()


@functools.cache
def other_issuer() -> TestIssuer:
    """Another issuer that is trusted, too."""
    return TestIssuer()


@functools.cache
def _cluster() -> TestApiServer:
    return TestApiServer(Path(tempfile.mkdtemp(prefix="benchtop-tests-")))


@contextmanager
def serving(create: Callable[[S], Starlette], kind: type[S], **settings: Any) -> Iterator[TestClient]:
    """Run a service in which callers need roles, until the end of the block.

    Args:
        create: makes the application from its settings.
        kind: type of the settings.
        settings: more settings.
    """
    issuers = [
        Issuer(issuer=issuer().url, username="preferred_username"),
        Issuer(issuer=other_issuer().url, username="preferred_username", prefix=OTHER),
        Issuer(issuer=CLUSTER),
    ]
    roles = {
        role: [f"group:{role}s", f"group:{OTHER}{role}s", f"serviceaccount:lab/{role}"] for role in ROLES
    }
    with pytest.MonkeyPatch.context() as environment:
        for name, value in _cluster().environment.items():
            environment.setenv(name, value)
        app = create(
            kind(
                access="token",
                access_issuers=issuers,
                access_roles=roles,
                access_cluster_dir=str(_cluster().folder),
                **settings,
            )
        )
    with TestClient(app) as client:
        # Each waits for the keys of an issuer, so that none is being requested when the service stops
        for headers in (signed_in("first"), signed_in("first", by=other_issuer), program("viewer")):
            client.get("/v1/me", headers=headers)
        yield client


def signed_in(
    name: str,
    role: Role | None = None,
    *,
    by: Callable[[], TestIssuer] = issuer,
    email: str = "",
    username: str = "",
) -> dict[str, str]:
    """The headers of a request of a person.

    Args:
        name: the subject of the token.
        role: the role; None for none.
        by: the issuer of the token.
        email: verified e-mail address.
        username: name of the caller in logs and messages; the subject if it is empty.
    """
    token = by().token(
        name,
        lifetime=LIFETIME,
        algorithm="ES256",
        preferred_username=username or name,
        groups=[f"{role}s"] if role else [],
        email=email or None,
        email_verified=True if email else None,
    )
    return {"Authorization": f"Bearer {token}"}


def program(role: Role) -> dict[str, str]:
    """The headers of a request of a service account of the cluster."""
    return {"Authorization": f"Bearer {_cluster().token(f'lab:{role}')}"}


def may(role: Role, operation: Operation) -> bool:
    """Whether a role has what an operation needs."""
    return all(includes(role, permission.role) for permission in permissions_of(operation.needs))
