"""Search for words, ignoring case: a row is found if it has each of them, in any order (docs/adr/0014-search.md).

Characters that keyboards do not have are found by those that keyboards have: a hyphen finds a minus sign and a dash,
and the `u` of a unit, as in `50 uL`, finds the micro sign and the Greek letter.
"""

import re
from typing import Any

PART_OF_UUID = re.compile(r"[0-9A-Fa-f-]+").fullmatch
UNIT = re.compile(r"[0-9.,]*u[glm]", re.IGNORECASE).fullmatch
"""A word with a unit such as `uL`, `ug` or `uM`, perhaps after a number."""

HYPHENS = "-\u2010\u2011\u2012\u2013\u2212"
"""Hyphens, dashes and the minus sign."""
MICRO = "\u00b5\u03bc\u039c"
"""The micro sign and the Greek letter mu."""


def search_parameters(text: str) -> dict[str, Any]:
    """The parameters of the condition `q`; none if the text is blank, because then there is no search.

    Args:
        text: the words to search for.

    Returns:
        `q`, a regular expression for each word, for `~ all`; `like`, a pattern for each word in lower case, for
        `like all`; `plain`, whether the patterns of `like` find the same as the regular expressions; and `hex`,
        whether a UUID can contain the text.
    """
    words = text.split()
    if not words:
        return {}
    return {
        "q": [_pattern(word) for word in words],
        "like": ["%" + re.sub(r"([\\%_])", r"\\\1", word.lower()) + "%" for word in words],
        "plain": text.isascii() and "-" not in text and not any(map(UNIT, words)),
        "hex": len(words) == 1 and PART_OF_UUID(words[0]) is not None,
    }


def _pattern(word: str) -> str:
    is_unit = UNIT(word) is not None
    return "".join(_found_by(character, is_unit=is_unit) for character in word)


def _found_by(character: str, *, is_unit: bool) -> str:
    """A regular expression for what a character finds. It does not depend on the locale of the database."""
    if character in HYPHENS:
        return f"[{HYPHENS}]"
    if character in MICRO:
        return f"[{MICRO}]"
    if is_unit and character in "uU":
        return f"[uU{MICRO}]"
    cases = sorted(form for form in {character, character.lower(), character.upper()} if len(form) == 1)
    if len(cases) > 1:
        return f"[{''.join(cases)}]"
    return f"\\{character}" if character.isascii() and not character.isalnum() else character
