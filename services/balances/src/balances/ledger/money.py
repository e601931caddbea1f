"""Exact amounts: an `int` of the currency's minor units (cents), between strict text and plain text.

The value decides, not how it is written: `0.100` and `1.10e1` are exact in cents and taken, `0.105` is not.
"""

import re

from balances.errors import AmountError

LONGEST_TEXT = 64
MOST_INTEGER_DIGITS = 28

_GRAMMAR = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")


def parse_amount(text: str, digits: int) -> int:
    """The minor units that `text` means in a currency with `digits` digits after the point.

    Raises:
        AmountError: not a plain ASCII decimal, finer than the currency, or beyond 28 digits before the point.
    """
    match = _GRAMMAR.fullmatch(text) if len(text) <= LONGEST_TEXT else None
    if match is None:
        raise AmountError("is not a decimal number such as -12.34")
    sign, whole, fraction, exponent = match.groups("")
    if exponent or len(fraction) > digits or len(whole) > MOST_INTEGER_DIGITS:
        return _scaled(sign, whole + fraction, len(fraction) - int(exponent or 0), digits)
    return int(sign + whole + fraction.ljust(digits, "0"))


def _scaled(sign: str, numerals: str, places: int, digits: int) -> int:
    """Compute `numerals / 10**places` in minor units; sizes are judged before there is any arithmetic on them."""
    significant = numerals.rstrip("0")
    places -= len(numerals) - len(significant)
    significant = significant.lstrip("0")
    if not significant:
        return 0
    if places > digits:
        raise AmountError(f"is finer than the currency, which has {digits} digits after the point")
    if len(significant) - places > MOST_INTEGER_DIGITS:
        raise AmountError(f"has more than {MOST_INTEGER_DIGITS} digits before the point")
    return int(sign + significant + "0" * (digits - places))


def format_amount(amount: int, digits: int) -> str:
    """Minor units as a plain decimal with all of the currency's digits: `-227.35`."""
    if not digits:
        return str(amount)
    text = f"{abs(amount):0{digits + 1}d}"
    return f"{'-' if amount < 0 else ''}{text[:-digits]}.{text[-digits:]}"
