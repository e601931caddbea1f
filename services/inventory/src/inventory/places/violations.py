"""The error of each constraint on sites and freezers."""

from collections.abc import Mapping

from chassis.database.errors import Violation
from inventory.common.violations import INVALID_ID, name_needed, reference_needed, too_long, unknown_reference

VIOLATIONS: Mapping[str, Violation] = {
    "site_id": INVALID_ID,
    "site_name": name_needed("name"),
    "site_contact": too_long("contact", 200),
    "site_address": too_long("address", 1000),
    "site_state_or_region": too_long("state_or_region", 200),
    "site_country": too_long("country", 200),
    "site_postcode_or_zip": too_long("postcode_or_zip", 200),
    "freezer_id": INVALID_ID,
    "freezer_name": name_needed("name"),
    "freezer_site_id": reference_needed("site_id"),
    "freezer_site_id_fkey": unknown_reference("site_id"),
}
