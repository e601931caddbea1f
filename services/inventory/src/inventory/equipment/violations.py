"""The error of each constraint on computers."""

from collections.abc import Mapping

from chassis.database.errors import Violation
from inventory.common.violations import INVALID_ID, name_needed, reference_needed, taken, unknown_reference

VIOLATIONS: Mapping[str, Violation] = {
    "computer_id": INVALID_ID,
    "computer_name": name_needed("name"),
    "computer_mac_key": taken("mac", "MAC address", "computer"),
    "computer_site_id": reference_needed("site_id"),
    "computer_site_id_fkey": unknown_reference("site_id"),
}
