"""Search for a part of a text, ignoring case (docs/adr/0014-search.md)."""

import re
from typing import Any

PART_OF_UUID = re.compile(r"[0-9A-Fa-f-]+").fullmatch


def search_parameters(text: str) -> dict[str, Any]:
    """The parameters of the condition `q`; none if the text is blank, because then there is no search.

    Args:
        text: what to search for; white space at its ends is ignored.

    Returns:
        `q`, a regular expression for the operator `~`; `like`, a pattern for the operator `like`, in lower case;
        `ascii`, whether the text is ASCII; and `hex`, whether a UUID can contain the text.
    """
    text = text.strip()
    if not text:
        return {}
    return {
        "q": "".join(map(_either_case, text)),
        "like": "%" + re.sub(r"([\\%_])", r"\\\1", text.lower()) + "%",
        "ascii": text.isascii(),
        "hex": PART_OF_UUID(text) is not None,
    }


def _either_case(character: str) -> str:
    """A regular expression for a character in lower or upper case, which does not depend on the database's locale."""
    cases = sorted(form for form in {character, character.lower(), character.upper()} if len(form) == 1)
    if len(cases) > 1:
        return f"[{''.join(cases)}]"
    return f"\\{character}" if character.isascii() and not character.isalnum() else character
