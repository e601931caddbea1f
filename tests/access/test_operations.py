"""The table of access: every operation of every service, every kind of caller, and the status that it must have."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from tests.access.callers import OPENS_A_PAGE, Caller, callers
from tests.access.lab import Lab
from tests.access.sent import request_of, send
from tests.contract.test_operations import APPLICATIONS
from tests.support.issuer import TestIssuer

from chassis.access.permissions import includes, permissions_of
from chassis.pages.error_page import API
from chassis.web.operations import Operation
from chassis.web.same_origin import SAFE

SERVICES = ("status", "inventory", "balances")

OPERATIONS = [
    pytest.param(service, operation, id=f"{service} {operation.method} {operation.path}")
    for service in SERVICES
    for operation in APPLICATIONS[service].state.operations
]

OTHERS: Mapping[tuple[str, str, str], int] = {
    ("inventory", "GET", "/ui/"): HTTPStatus.SEE_OTHER,
    ("status", "POST", "/sign-in"): HTTPStatus.CONFLICT,  # these services have no provider to sign in at
    ("status", "POST", "/sign-in/token"): HTTPStatus.SEE_OTHER,
    ("status", "GET", "/sign-in/callback"): HTTPStatus.BAD_REQUEST,  # no provider has sent the person back
    ("status", "POST", "/sign-out"): HTTPStatus.SEE_OTHER,
}
"""Statuses of operations that do not declare them."""

SIGNED_IN = frozenset({"admin in a browser", "page of another site"})
"""Callers with a session; whoever goes back to the callback after signing in is led to the portal."""

STORES_NOTHING = frozenset({"status"})
"""Services whose operations change nothing that is stored."""


@pytest.fixture
def everybody(issuer: TestIssuer, stranger: TestIssuer, session_keys: Path) -> list[Caller]:
    """All callers. Each test has sessions of its own, because signing out ends one."""
    return list(callers(issuer, stranger, session_keys))


@pytest.fixture
def stored(lab: Lab) -> Iterator[list[Any]]:
    """What is stored before a test, and after it again."""
    before = lab.contents.read()
    yield before
    lab.undo(before)


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_each_caller_gets_the_status_that_they_must_and_the_refused_change_nothing(
    lab: Lab, everybody: list[Caller], stored: list[Any], service: str, operation: Operation
) -> None:
    """A request that is refused would change something, as the same request of an allowed caller does."""
    request = request_of(lab, service, operation)
    refused = {one.name: status for one in everybody if (status := refusal(operation, one))}
    found = {one.name: send(lab, request, one).status_code for one in everybody if one.name in refused}
    assert found == refused
    assert lab.contents.read() == stored
    may_change = operation.method not in SAFE and service not in STORES_NOTHING
    found = {}
    for caller in everybody:
        if caller.name not in refused:
            status = send(lab, request, caller).status_code
            if may_change:
                if not lab.changed(stored):  # a feed is not read again while it is read for the caller before
                    again = send(lab, request, caller).status_code
                    status = again if status == HTTPStatus.CONFLICT else status
                    assert lab.changed(stored), f"{caller.name} changed nothing"
                lab.undo(stored)
            found[caller.name] = status
    assert found == {one.name: success(service, operation, one) for one in everybody if one.name in found}
    assert lab.contents.read() == stored


def refusal(operation: Operation, caller: Caller) -> int | None:
    """The status with which an operation refuses a caller, or sends them to sign in; None if it does neither."""
    if caller.foreign and operation.method not in SAFE:
        return HTTPStatus.FORBIDDEN
    opens_a_page = caller.headers == OPENS_A_PAGE and operation.method == "GET"
    if operation.needs == "nothing":
        is_portal = operation.path == "/"  # only the greeting needs nothing
        return HTTPStatus.SEE_OTHER if opens_a_page and is_portal else None
    if caller.refused is not None:
        signs_in = opens_a_page and not operation.path.startswith(API)
        return HTTPStatus.SEE_OTHER if signs_in else caller.refused
    needed = permissions_of(operation.needs)
    if all(caller.role is not None and includes(caller.role, one.role) for one in needed):
        return None
    return HTTPStatus.FORBIDDEN


def success(service: str, operation: Operation, caller: Caller) -> int:
    """The status of an operation that does what it is for."""
    if operation.path == "/sign-in/callback" and caller.name in SIGNED_IN:
        return HTTPStatus.SEE_OTHER
    if operation.method == "POST" and operation.path.startswith("/ui/"):
        return HTTPStatus.SEE_OTHER
    return OTHERS.get((service, operation.method, operation.path), operation.status)
