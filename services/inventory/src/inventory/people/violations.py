"""The error of each constraint on accounts."""

from collections.abc import Mapping

from chassis.database.errors import Violation
from chassis.errors import Invalid
from inventory.common.violations import INVALID_ID, name_needed, taken

VIOLATIONS: Mapping[str, Violation] = {
    "account_id": INVALID_ID,
    "account_username": name_needed("username"),
    "account_username_visible": Violation(
        Invalid,
        "/username",
        "A username must not contain invisible characters, such as U+200B: it would look like another one."
        " Send it without them.",
    ),
    "account_username_key": taken("username", "username", "user"),
    "account_email": Violation(
        Invalid, "/email", "An e-mail address is needed, such as ada@example.org, of at most 254 characters."
    ),
    "account_email_key": taken("email", "e-mail address", "user"),
}
