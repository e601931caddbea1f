"""Search for a part of a text, ignoring case (docs/adr/0014-search.md)."""

import re
from typing import Any

PART_OF_HEX = re.compile(r"[0-9A-Fa-f:-]+").fullmatch
"""Text that can be a part of a UUID or of a MAC address."""


def search_parameters(text: str) -> dict[str, Any]:
    """The parameters of the condition `q`; none if the text is blank, because then there is no search.

    Args:
        text: what to search for; white space at its ends is ignored.

    Returns:
        `q`, a regular expression for the operator `~*`; `like`, a pattern for the operator `like`, in lower case;
        `ascii`, whether `like` may be compared with text of which only ASCII letters are in lower case; and `hex`,
        whether a UUID can contain the text.
    """
    text = text.strip()
    if not text:
        return {}
    escaped = re.sub(r"([\\%_])", r"\\\1", text.lower())
    return {
        "q": f"***={text}",  # the rest is literal text
        "like": f"%{escaped}%",
        "ascii": text.isascii(),
        "hex": PART_OF_HEX(text) is not None,
    }
