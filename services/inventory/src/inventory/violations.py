"""What breaking each of the schema's constraints means to whoever sent the value.

A value that is missing breaks `<table>_<column>`, like one that the column's own check refuses.
"""

from collections.abc import Mapping

from chassis.database.errors import Violation
from chassis.errors import Conflict, Invalid


def _text(column: str, longest: int) -> Violation:
    return Violation(Invalid, f"/{column}", f"Text of at most {longest} characters is needed here.")


def _name(column: str) -> Violation:
    return Violation(
        Invalid,
        f"/{column}",
        f"A {column} is needed: text of at most 200 characters, not only white space.",
    )


def _reference(column: str) -> Violation:
    kind = column.removesuffix("_id")
    return Violation(Conflict, f"/{column}", f"There is no {kind} with that id. Create it first.", "unknown")


def _needed(column: str) -> Violation:
    kind = column.removesuffix("_id")
    return Violation(Invalid, f"/{column}", f"The id of a {kind} is needed here.", "missing")


def _taken(column: str, what: str, kind: str) -> Violation:
    return Violation(Conflict, f"/{column}", f"Another {kind} has that {what} already.", "taken")


_ID = Violation(Invalid, "/id", "An id is a whole number from 1 to 2147483647.")

VIOLATIONS: Mapping[str, Violation] = {
    "site_id": _ID,
    "site_name": _name("name"),
    "site_contact": _text("contact", 200),
    "site_address": _text("address", 1000),
    "site_state_or_region": _text("state_or_region", 200),
    "site_country": _text("country", 200),
    "site_postcode_or_zip": _text("postcode_or_zip", 200),
    "freezer_id": _ID,
    "freezer_name": _name("name"),
    "freezer_site_id": _needed("site_id"),
    "freezer_site_id_fkey": _reference("site_id"),
    "computer_id": _ID,
    "computer_name": _name("name"),
    "computer_mac_key": _taken("mac", "MAC address", "computer"),
    "computer_site_id": _needed("site_id"),
    "computer_site_id_fkey": _reference("site_id"),
    "container_id": _ID,
    "container_uuid_key": _taken("uuid", "UUID", "container"),
    "container_description": _text("description", 10_000),
    "container_freezer_id": _needed("freezer_id"),
    "container_freezer_id_fkey": _reference("freezer_id"),
    "account_id": _ID,
    "account_username": _name("username"),
    "account_username_visible": Violation(
        Invalid,
        "/username",
        "A username has no invisible characters, such as U+200B, for nobody could tell it from another."
        " Send one without them.",
    ),
    "account_username_key": _taken("username", "username", "user"),
    "account_email": Violation(
        Invalid, "/email", "An e-mail address is needed, such as ada@example.org, of at most 254 characters."
    ),
    "account_email_key": _taken("email", "e-mail address", "user"),
    "event_user_id": _name("user_id"),
    "event_description": _text("description", 10_000),
}
