"""Numbers on pages: with a comma between thousands, and U+2212 as minus sign."""


def count(number: int) -> str:
    """A whole number, such as `12,345`."""
    return f"{number:,}".replace("-", "−")  # noqa: RUF001  the minus sign is meant


def money(amount: str, currency: str = "") -> str:
    """An amount of money, such as `−1,874.75 CAD`, from a decimal number as text, with all of its digits."""  # noqa: RUF002
    sign = "−" if amount.startswith("-") else ""  # noqa: RUF001  the minus sign is meant
    whole, point, fraction = amount.lstrip("-").partition(".")
    return f"{sign}{int(whole):,}{point}{fraction} {currency}".rstrip()


def plural(number: int, singular: str, several: str = "") -> str:
    """A number with its noun, such as `1 site` or `2 boxes`."""
    return f"{count(number)} {singular if number == 1 else several or singular + 's'}"
