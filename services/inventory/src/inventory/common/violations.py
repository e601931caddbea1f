"""The errors of the usual constraints, which a client receives if a value violates one.

Each feature has a mapping from the names of its own constraints to these errors. A column that is `not null` and has no
default counts as the constraint `<table>_<column>`, like the check of that column.
"""

from chassis.database.errors import Violation
from chassis.errors import Conflict, Invalid

INVALID_ID = Violation(Invalid, "/id", "An id is a whole number from 1 to 2147483647.")


def too_long(column: str, longest: int) -> Violation:
    """The error for text that is longer than `longest` characters."""
    return Violation(Invalid, f"/{column}", f"Text of at most {longest} characters is needed here.")


def name_needed(column: str) -> Violation:
    """The error for a name that is missing, blank, or too long."""
    return Violation(
        Invalid,
        f"/{column}",
        f"A {column} is needed: text of at most 200 characters, not only white space.",
    )


def unknown_reference(column: str) -> Violation:
    """The error for a reference to a row that does not exist."""
    kind = column.removesuffix("_id")
    return Violation(Conflict, f"/{column}", f"There is no {kind} with that id. Create it first.", "unknown")


def reference_needed(column: str) -> Violation:
    """The error for a missing reference to another row."""
    kind = column.removesuffix("_id")
    return Violation(Invalid, f"/{column}", f"The id of a {kind} is needed here.", "missing")


def taken(column: str, what: str, kind: str) -> Violation:
    """The error for a value that must be unique and that another row has already."""
    return Violation(Conflict, f"/{column}", f"Another {kind} has that {what} already.", "taken")
