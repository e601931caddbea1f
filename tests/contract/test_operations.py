"""What an operation declares is what its function takes, so that mypy's view of a body is the one that is decoded."""

import inspect
from typing import Any, get_type_hints

import pytest

import balances.app
import balances.settings
import inventory.app
import inventory.settings
import inventory.worker
import status.app
from chassis.access.permissions import permissions_of
from chassis.web.operations import Operation
from chassis.web.same_origin import SAFE

NOWHERE = "postgresql://nowhere"
INVENTORY = inventory.settings.InventorySettings(access="open", database_url=NOWHERE)
APPLICATIONS = {
    "status": status.app.create(status.app.StatusSettings(access="open")),
    "inventory": inventory.app.create(INVENTORY),
    "inventory worker": inventory.worker.create(INVENTORY),
    "balances": balances.app.create(balances.settings.BalancesSettings(access="open", database_url=NOWHERE)),
}
OPERATIONS = [
    pytest.param(operation, id=f"{name} {operation.method} {operation.path}")
    for name, application in APPLICATIONS.items()
    for operation in application.state.operations
]


SIGN_IN = {"/sign-in", "/sign-in/token", "/sign-out"}
"""Paths of the forms with which people sign in and out, for which nobody can have a permission."""

UNSAFE = [one for one in OPERATIONS if one.values[0].method not in SAFE]  # type: ignore[union-attr]  # an Operation


@pytest.mark.parametrize("operation", UNSAFE)
def test_an_operation_that_changes_something_needs_a_permission(operation: Operation) -> None:
    assert permissions_of(operation.needs) or operation.path in SIGN_IN


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_function_of_an_operation_takes_the_types_that_the_operation_declares(
    operation: Operation,
) -> None:
    declared: dict[str, Any] = {
        name: kind
        for name, kind in (
            ("path", operation.path_type),
            ("query", operation.query_type),
            ("body", operation.body_type),
        )
        if kind is not None
    }
    parameters = list(inspect.signature(operation.endpoint).parameters)[1:]
    hints = get_type_hints(operation.endpoint, include_extras=True)
    taken = {name: hints[name] for name in parameters}
    assert taken == declared, (
        f"{operation.method} {operation.path} declares {declared}, and {operation.endpoint.__name__} takes {taken}"
    )
