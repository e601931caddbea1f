"""The error of each constraint on events."""

from collections.abc import Mapping

from chassis.database.errors import Violation
from inventory.common.violations import name_needed, too_long

VIOLATIONS: Mapping[str, Violation] = {
    "event_user_id": name_needed("user_id"),
    "event_description": too_long("description", 10_000),
}
