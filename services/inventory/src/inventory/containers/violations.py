"""The error of each constraint on containers."""

from collections.abc import Mapping

from chassis.database.errors import Violation
from inventory.common.violations import INVALID_ID, reference_needed, taken, too_long, unknown_reference

VIOLATIONS: Mapping[str, Violation] = {
    "container_id": INVALID_ID,
    "container_uuid_key": taken("uuid", "UUID", "container"),
    "container_description": too_long("description", 10_000),
    "container_freezer_id": reference_needed("freezer_id"),
    "container_freezer_id_fkey": unknown_reference("freezer_id"),
}
