"""The error of each constraint in the schema: the mappings of all features, for `Database`."""

from collections.abc import Mapping

import inventory.containers.violations
import inventory.equipment.violations
import inventory.events.violations
import inventory.people.violations
import inventory.places.violations
from chassis.database.errors import Violation

VIOLATIONS: Mapping[str, Violation] = {
    **inventory.places.violations.VIOLATIONS,
    **inventory.equipment.violations.VIOLATIONS,
    **inventory.containers.violations.VIOLATIONS,
    **inventory.people.violations.VIOLATIONS,
    **inventory.events.violations.VIOLATIONS,
}
