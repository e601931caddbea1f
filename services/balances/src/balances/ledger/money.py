"""Amounts of money as whole numbers of minor units (cents), parsed from text and formatted as text without rounding.

An amount is valid if its value is exact in minor units, however it is written: in a currency with cents, `0.100` and
`1.10e1` are valid, and `0.105` is not.
"""

import re

from balances.errors import BalancesError

LONGEST_TEXT = 64
MOST_INTEGER_DIGITS = 28
"""Maximum number of digits before the decimal point of an amount."""

_GRAMMAR = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")


class AmountError(BalancesError):
    """A text is not an exact amount; the error's text continues a sentence that starts with the amount."""


def parse_amount(text: str, digits: int) -> int:
    """The amount in minor units that `text` stands for in a currency with `digits` digits after the decimal point.

    Raises:
        AmountError: the text is not a decimal number in ASCII, has a smaller fraction than the currency allows, or has
            more than 28 digits before the decimal point.
    """
    match = _GRAMMAR.fullmatch(text) if len(text) <= LONGEST_TEXT else None
    if match is None:
        raise AmountError("is not a decimal number such as -12.34")
    sign, whole, fraction, exponent = match.groups("")
    if exponent or len(fraction) > digits or len(whole) > MOST_INTEGER_DIGITS:
        return _scaled(sign, whole + fraction, len(fraction) - int(exponent or 0), digits)
    return int(sign + whole + fraction.ljust(digits, "0"))


def _scaled(sign: str, numerals: str, places: int, digits: int) -> int:
    """`numerals / 10**places` in minor units; sizes are checked first, so that no huge number is ever computed."""
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
    """An amount in minor units as a decimal number with all digits of the currency, such as `-227.35`."""
    if not digits:
        return str(amount)
    text = f"{abs(amount):0{digits + 1}d}"
    return f"{'-' if amount < 0 else ''}{text[:-digits]}.{text[-digits:]}"
