"""The geometry of the chart of the running balance."""

import datetime as dt
import re
from decimal import Decimal

import pytest

from balances.pages.balance_chart import SIZE, balance_chart

START = dt.date(2024, 1, 1)


def dates(*offsets: int) -> list[dt.date]:
    return [START + dt.timedelta(days=offset) for offset in offsets]


def amounts(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def test_each_balance_is_drawn_from_its_day_to_the_day_of_the_next() -> None:
    chart = balance_chart(dates(0, 1, 3), amounts("0", "100", "50"))
    assert chart.line == "M0 1000V1000H250V0H750V500H1000"


def test_the_area_is_between_the_line_and_zero() -> None:
    chart = balance_chart(dates(0, 1), amounts("-100", "100"))
    assert chart.zero == SIZE // 2
    assert chart.area == "M0 500V1000H500V0H1000V500Z"


def test_the_grid_has_round_amounts_around_all_balances_and_zero() -> None:
    chart = balance_chart(dates(0, 1), amounts("-6037.85", "22560.45"))
    assert [line.amount for line in chart.grid] == ["-10000", "0", "10000", "20000", "30000"]
    assert [line.y for line in chart.grid] == [1000, 750, 500, 250, 0]


@pytest.mark.parametrize(
    "balances",
    [
        ("0.00",),
        ("-0.01",),
        ("0.004", "0.001"),
        ("1e27", "-1e27"),
        ("123456789012345678901234567890.12", "0.01"),
    ],
)
def test_amounts_of_any_size_stay_inside_the_plot(balances: tuple[str, ...]) -> None:
    chart = balance_chart(dates(*range(len(balances))), amounts(*balances))
    heights = [int(height) for height in re.findall(r"V(\d+)", chart.line)]
    assert len(heights) == len(balances)
    assert all(0 <= height <= SIZE for height in heights)
    assert 2 <= len(chart.grid) <= 8


def test_the_whole_range_of_dates_fits() -> None:
    chart = balance_chart([dt.date.min, dt.date.max], amounts("1", "2"))
    assert [int(end) for end in re.findall(r"H(\d+)", chart.line)] == [999, 1000]
