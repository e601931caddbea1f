"""The geometry of the chart of daily balances."""

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from balances.ledger.step_chart import COLUMNS, DayBalance, StepChart, step_chart

FIRST = dt.date(2024, 1, 1)

AMOUNTS = st.one_of(
    st.decimals(min_value=-1000, max_value=1000, places=2),
    st.decimals(min_value=-(10**32), max_value=10**32, places=4),
    st.integers(-3, 3).map(Decimal),
)
DAYS = st.dictionaries(
    st.one_of(st.dates(), st.dates(FIRST, dt.date(2024, 3, 1))), AMOUNTS, min_size=1, max_size=60
).map(lambda days: [DayBalance(*day) for day in sorted(days.items())])
SIZES = st.integers(1, 2000)


def days_of(*balances: object, first: dt.date = FIRST) -> list[DayBalance]:
    """Consecutive days with these balances."""
    return [DayBalance(first + dt.timedelta(n), Decimal(str(one))) for n, one in enumerate(balances)]


def steps(chart: StepChart) -> list[tuple[float, float, float]]:
    """The horizontal parts of the line: from x, to x, and y. The line must have no other parts than H and V."""
    assert re.fullmatch(r"M0 [\d.]+(H[\d.]+V[\d.]+)*H[\d.]+", chart.path), chart.path
    numbers = [float(one) for one in re.findall(r"[\d.]+", chart.path)]
    xs, ys = numbers[::2], numbers[1::2]
    return [(start, end, y) for (start, end), y in zip(pairwise(xs), ys, strict=True)]


def y_of(chart: StepChart, amount: Decimal) -> float:
    """Where an amount must be, computed from the lowest and the highest tick."""
    low, high = chart.amount_ticks[0].amount, chart.amount_ticks[-1].amount
    return float(chart.height * (1 - float((amount - low) / (high - low))))


def test_a_balance_keeps_its_height_until_the_next_day_with_transactions() -> None:
    days = [
        DayBalance(FIRST, Decimal(10)),
        DayBalance(FIRST + dt.timedelta(2), Decimal("20.00")),
        DayBalance(FIRST + dt.timedelta(3), Decimal(0)),
    ]
    chart = step_chart(days, 400, 100)
    assert chart.path == "M0 50H200V0H300V100H400"
    assert [(tick.y, str(tick.amount)) for tick in chart.amount_ticks] == [(100, "0"), (50, "10"), (0, "20")]
    assert [(tick.x, tick.date.day) for tick in chart.date_ticks] == [(0, 1), (100, 2), (200, 3), (300, 4)]


def test_negative_balances_are_below_the_zero_line() -> None:
    chart = step_chart(days_of(-50, 100), 100, 150)
    assert chart.path == "M0 150H50V0H100"
    assert chart.zero == 100


def test_only_negative_balances_have_the_zero_line_at_the_top() -> None:
    chart = step_chart(days_of(-100, -50), 100, 100)
    assert (chart.zero, chart.path) == (0, "M0 100H50V50H100")


def test_without_days_there_is_no_line_and_no_tick() -> None:
    chart = step_chart([], 100, 50)
    assert (chart.path, chart.zero, chart.date_ticks, chart.amount_ticks) == ("", 50, (), ())


def test_one_day_is_as_wide_as_the_chart() -> None:
    chart = step_chart(days_of("7.50"), 100, 100)
    assert steps(chart)[0][:2] == (0, 100)
    assert [tick.date for tick in chart.date_ticks] == [FIRST]


@pytest.mark.parametrize("balance", ["0", "0.00", "12.34", "-12.34"])
def test_equal_balances_are_one_horizontal_line(balance: str) -> None:
    chart = step_chart(days_of(*[balance] * 5), 100, 100)
    assert len(steps(chart)) == 1


def test_the_last_date_and_the_first_date_of_all_can_be_shown() -> None:
    chart = step_chart([DayBalance(dt.date.min, Decimal(1)), DayBalance(dt.date.max, Decimal(2))], 1000, 100)
    assert chart.date_unit == "year"
    assert [tick.date.year for tick in chart.date_ticks] == [
        1000,
        2000,
        3000,
        4000,
        5000,
        6000,
        7000,
        8000,
        9000,
    ]


@pytest.mark.parametrize(
    ("last", "unit", "dates"),
    [
        ("2024-01-05", "day", ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"]),
        ("2024-01-10", "day", ["2024-01-02", "2024-01-04", "2024-01-06", "2024-01-08", "2024-01-10"]),
        ("2024-02-04", "day", ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-22", "2024-01-29"]),
        ("2024-05-31", "month", ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01"]),
        ("2025-03-31", "month", ["2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01", "2025-01-01"]),
        ("2028-12-31", "year", ["2024-01-01", "2025-01-01", "2026-01-01", "2027-01-01", "2028-01-01"]),
        ("2050-01-01", "year", ["2030-01-01", "2040-01-01", "2050-01-01"]),
    ],
)
def test_date_ticks_are_at_days_weeks_months_or_years(last: str, unit: str, dates: list[str]) -> None:
    days = [DayBalance(FIRST, Decimal(1)), DayBalance(dt.date.fromisoformat(last), Decimal(2))]
    chart = step_chart(days, 450, 100)
    assert (chart.date_unit, [tick.date.isoformat() for tick in chart.date_ticks]) == (unit, dates)


@pytest.mark.parametrize(
    ("balances", "ticks"),
    [
        (["0.01", "0.03"], ["0.00", "0.01", "0.02", "0.03"]),
        (["18377.16", "-6037.85", "22560.45"], ["-10000", "0", "10000", "20000", "30000"]),
        (["1", "7"], ["0", "2", "4", "6", "8"]),
        (["3", "2"], ["0", "1", "2", "3"]),
        (["1e20", "0"], ["0", f"5{'0' * 19}", f"1{'0' * 20}"]),
    ],
)
def test_amount_ticks_are_round_numbers(balances: Sequence[str], ticks: list[str]) -> None:
    chart = step_chart(days_of(*balances), 100, 200)
    found = [tick.amount for tick in chart.amount_ticks]
    assert found == [Decimal(tick) for tick in ticks]
    assert not any("E" in str(tick) for tick in found)


@settings(deadline=None)
@given(days=DAYS, width=SIZES, height=SIZES)
def test_the_line_goes_from_edge_to_edge_and_stays_within_the_chart(
    days: list[DayBalance], width: int, height: int
) -> None:
    chart = step_chart(days, width, height)
    found = steps(chart)
    assert (found[0][0], found[-1][1]) == (0, width)
    assert all(start <= end for start, end, _ in found)
    assert all(0 <= y <= height for _, _, y in found)
    assert 0 <= chart.zero <= height


@settings(deadline=None)
@given(days=DAYS, width=SIZES, height=SIZES)
def test_the_line_has_the_height_of_each_day(days: list[DayBalance], width: int, height: int) -> None:
    chart = step_chart(days, width, height)
    total = (days[-1].date - days[0].date).days + 1
    drawn = steps(chart)
    for n, day in enumerate(days):
        start = (day.date - days[0].date).days / total * width
        end = (days[n + 1].date - days[0].date).days / total * width if n + 1 < len(days) else width
        if end - start > 0.3:  # else it may be narrower than the rounding
            middle = (start + end) / 2
            (y,) = {y for left, right, y in drawn if left <= middle <= right}
            assert y == pytest.approx(y_of(chart, day.balance), abs=0.051 + 1e-9 * height)


@settings(deadline=None)
@given(days=DAYS, width=SIZES, height=SIZES)
def test_ticks_are_regular_and_enclose_all_balances_and_zero(
    days: list[DayBalance], width: int, height: int
) -> None:
    chart = step_chart(days, width, height)
    amounts = [tick.amount for tick in chart.amount_ticks]
    balances = [Decimal(0), *(day.balance for day in days)]
    assert amounts[0] <= min(balances)
    assert max(balances) <= amounts[-1]
    assert Decimal(0) in amounts
    assert len({after - before for before, after in pairwise(amounts)}) == 1
    assert str((amounts[1] - amounts[0]).normalize().as_tuple().digits) in ("(1,)", "(2,)", "(5,)")
    assert len(amounts) <= max(2, height // 50) + 2
    assert (chart.amount_ticks[0].y, chart.amount_ticks[-1].y) == (height, 0)
    dates = [tick.date for tick in chart.date_ticks]
    assert dates == sorted(set(dates))
    assert all(days[0].date <= date <= days[-1].date for date in dates)
    assert len(dates) <= max(2, width // 90)


@pytest.mark.parametrize("gap", [1, 3])
def test_ten_thousand_days_become_few_points_that_keep_the_extremes_of_each_column(gap: int) -> None:
    random = Random(gap)
    days = [
        DayBalance(FIRST + dt.timedelta(n * gap), Decimal(random.randrange(-(10**6), 10**6)) / 100)
        for n in range(10_000)
    ]
    chart = step_chart(days, 1000, 400)
    found = steps(chart)
    assert len(found) <= 4 * COLUMNS
    total = (days[-1].date - FIRST).days + 1
    heights: dict[int, list[float]] = {}
    for day in days:
        column = (day.date - FIRST).days * COLUMNS // total
        heights.setdefault(column, []).append(y_of(chart, day.balance))
    for column, expected in heights.items():
        left, right = column * 1000 / COLUMNS, (column + 1) * 1000 / COLUMNS
        drawn = [y for start, _, y in found if left - 0.1 <= start <= right + 0.1]
        assert min(drawn) <= min(expected) + 0.051
        assert max(drawn) >= max(expected) - 0.051
