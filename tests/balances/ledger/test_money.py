"""Amounts are parsed exactly or refused, and never rounded."""

import re
from decimal import Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balances.errors import UsageError
from balances.ledger.iso4217 import MINOR_DIGITS, minor_digits
from balances.ledger.money import AmountError, format_amount, parse_amount

amounts = st.integers(min_value=-(10**30) + 1, max_value=10**30 - 1)
exact = Context(prec=80)


@given(amount=st.integers(-(10**28) + 1, 10**28 - 1), digits=st.sampled_from([0, 2, 3, 4]))
def test_a_formatted_amount_parses_to_the_same_amount(amount: int, digits: int) -> None:
    assert parse_amount(format_amount(amount, digits), digits) == amount


@given(amount=amounts, digits=st.sampled_from([0, 2, 3, 4]))
def test_formatting_agrees_with_decimal(amount: int, digits: int) -> None:
    text = format_amount(amount, digits)
    assert Decimal(text) == Decimal(amount).scaleb(-digits, exact)
    assert re.fullmatch(rf"-?\d+\.\d{{{digits}}}" if digits else r"-?\d+", text)


@given(st.lists(st.decimals(min_value=-(10**15), max_value=10**15, places=2).filter(lambda d: d.is_finite())))
def test_sums_equal_decimal_sums(decimals: list[Decimal]) -> None:
    total = sum(parse_amount(format(one, "f"), 2) for one in decimals)
    assert Decimal(format_amount(total, 2)) == sum(decimals, Decimal(0))


@given(st.text(alphabet="0123456789+-.eE_ \u0663\uff11naif", max_size=12))
def test_a_parsed_amount_has_the_value_of_decimal(text: str) -> None:
    try:
        amount = parse_amount(text, 2)
    except AmountError:
        return
    assert Decimal(amount) == Decimal(text).scaleb(2, exact)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("19.99", 1999),
        ("0.1", 10),
        ("1e3", 100_000),
        ("12345678901234567.89", 1234567890123456789),
        ("-10.9", -1090),
        ("-8.10", -810),
        ("+5", 500),
        ("007.5", 750),
        ("-0", 0),
        ("0e999999999", 0),
        ("1.10e1", 1100),
        ("0.100", 10),
        ("1250e-2", 1250),
        ("9" * 28, (10**28 - 1) * 100),
        ("0" * 40 + "1", 100),
    ],
)
def test_exact_values_are_accepted(text: str, cents: int) -> None:
    assert parse_amount(text, 2) == cents


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "1\n",
        "1_000",
        "1,000.00",
        "1.",
        ".5",
        "--1",
        "NaN",
        "nan",
        "Infinity",
        "-inf",
        "0x10",
        "$5",
        "1e",
        "\uff11\uff12",
        "\u0661",
        "1\u2212",
        "1" * 65,
    ],
)
def test_a_text_that_is_not_a_decimal_number_is_refused(text: str) -> None:
    with pytest.raises(AmountError, match="is not a decimal number"):
        parse_amount(text, 2)


@pytest.mark.parametrize("text", ["0.105", "1e-3", "19.990000000000001", "1e-999999999"])
def test_more_digits_than_the_currency_has_are_refused(text: str) -> None:
    with pytest.raises(AmountError, match="is finer than the currency, which has 2 digits"):
        parse_amount(text, 2)


@pytest.mark.parametrize("text", ["1" + "0" * 28, "1e28", "1e999999999", "-9e99"])
def test_huge_numbers_are_refused_before_they_are_computed(text: str) -> None:
    with pytest.raises(AmountError, match="more than 28 digits before the point"):
        parse_amount(text, 2)


def test_the_currency_determines_the_digits() -> None:
    assert parse_amount("1000", minor_digits("JPY")) == 1000
    assert parse_amount("1.234", minor_digits("KWD")) == 1234
    assert parse_amount("1.2345", minor_digits("CLF")) == 12345
    with pytest.raises(AmountError):
        parse_amount("1000.5", minor_digits("JPY"))


def test_currencies_are_iso_4217_codes_with_minor_units() -> None:
    assert len(MINOR_DIGITS) == 165
    assert all(re.fullmatch("[A-Z]{3}", code) for code in MINOR_DIGITS)
    for code in ("XAU", "XXX", "cad", "DEM", ""):
        with pytest.raises(UsageError, match="not an active ISO 4217 code"):
            minor_digits(code)
