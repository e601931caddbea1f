"""Numbers on pages."""

import pytest

from chassis.pages.numbers import count, money, plural


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("18377.16", "18,377.16 CAD"),
        ("-1874.75", "−1,874.75 CAD"),  # noqa: RUF001  the minus sign is meant
        ("-0.50", "−0.50 CAD"),  # noqa: RUF001  the minus sign is meant
        ("0.00", "0.00 CAD"),
        ("1000000", "1,000,000 CAD"),
        ("123456789012345678901234567890.12", "123,456,789,012,345,678,901,234,567,890.12 CAD"),
    ],
)
def test_money_keeps_every_digit(amount: str, shown: str) -> None:
    assert money(amount, "CAD") == shown


def test_money_without_a_currency_has_no_space_at_the_end() -> None:
    assert money("1.00") == "1.00"


@pytest.mark.parametrize(("number", "shown"), [(0, "0"), (999, "999"), (12345, "12,345"), (-1, "−1")])  # noqa: RUF001
def test_a_count_has_commas(number: int, shown: str) -> None:
    assert count(number) == shown


@pytest.mark.parametrize(("number", "shown"), [(0, "0 boxes"), (1, "1 box"), (2, "2 boxes")])
def test_one_is_singular(number: int, shown: str) -> None:
    assert plural(number, "box", "boxes") == shown
