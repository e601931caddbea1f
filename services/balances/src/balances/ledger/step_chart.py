"""The geometry of a chart of daily balances: a line that keeps its height until the next day with transactions.

The origin is at the top left of the chart, as in SVG. The chart has no text: the page that draws it formats the dates
and amounts of the ticks.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from itertools import groupby, islice
from typing import Literal, NamedTuple

import msgspec

DateUnit = Literal["day", "month", "year"]

COLUMNS = 250
"""With more than four times as many days, each of these columns keeps its first, lowest, highest and last day only."""
PIXELS_BETWEEN_DATES = 90
PIXELS_BETWEEN_AMOUNTS = 50
"""Shortest distance of two ticks, on average, so that there is room for their texts."""
PRECISION = 100
"""Digits that are computed with: an amount may have 32, and a sum of amounts a few more."""


class DayBalance(NamedTuple):
    """A day that has transactions, and the balance at its end."""

    date: dt.date
    balance: Decimal


class DateTick(msgspec.Struct, frozen=True):
    """A tick mark on the horizontal axis: where a day begins."""

    x: float
    date: dt.date


class AmountTick(msgspec.Struct, frozen=True):
    """A tick mark on the vertical axis."""

    y: float
    amount: Decimal


class StepChart(msgspec.Struct, frozen=True):
    """The geometry of a chart; all coordinates are in pixels, rounded to tenths."""

    width: int
    height: int
    path: str
    """The line, as the attribute `d` of an SVG path; empty if there are no days."""
    zero: float
    """The y of the balance zero, which is always a part of the chart."""
    date_ticks: Sequence[DateTick]
    date_unit: DateUnit
    """What a date tick stands for: a day, the first day of a month, or the first day of a year."""
    amount_ticks: Sequence[AmountTick]


def step_chart(days: Sequence[DayBalance], width: int, height: int) -> StepChart:
    """The chart of some days.

    Args:
        days: the days in the order of their dates, each date once.
        width: width of the chart in pixels, at least 1.
        height: height of the chart in pixels, at least 1.
    """
    if not days:
        return StepChart(width, height, "", float(height), (), "day", ())
    with localcontext(prec=PRECISION):
        dates = _Dates(days[0].date, days[-1].date, width)
        amounts = _Amounts([day.balance for day in days], height)
        unit, ticks = dates.ticks()
        return StepChart(
            width,
            height,
            _path(_reduced(days, dates), dates, amounts),
            amounts.y(Decimal(0)),
            [DateTick(dates.x(date), date) for date in ticks],
            unit,
            [AmountTick(amounts.y(amount), amount) for amount in amounts.ticks()],
        )


class _Dates:
    """The horizontal axis: from the beginning of the first day to the end of the last."""

    def __init__(self, first: dt.date, last: dt.date, width: int) -> None:
        self.width = width
        self._first = first
        self._last = last
        self._days = (last - first).days + 1

    def x(self, date: dt.date) -> float:
        """Where a day begins."""
        return round((date - self._first).days * self.width / self._days, 1)

    def column(self, date: dt.date) -> int:
        """The column of a day, counted from 0."""
        return (date - self._first).days * COLUMNS // self._days

    def ticks(self) -> tuple[DateUnit, Sequence[dt.date]]:
        """As many ticks as there is room for."""
        most = max(2, self.width // PIXELS_BETWEEN_DATES)
        for unit, dates in self._choices():
            ticks = list(islice(dates, most + 1))
            if len(ticks) <= most:
                return unit, ticks
        raise AssertionError("the last choice has at most two ticks")

    def _choices(self) -> Iterator[tuple[DateUnit, Iterable[dt.date]]]:
        for days in (1, 2, 7, 14):
            yield "day", self._every_days(days)
        for months in (1, 2, 3, 6):
            yield "month", self._every_months(months)
        for years in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000):
            yield "year", self._every_months(12 * years)

    def _every_days(self, step: int) -> Iterator[dt.date]:
        # A week begins on Monday, as the first day of all does
        first, last = self._first.toordinal(), self._last.toordinal()
        return (dt.date.fromordinal(day) for day in range(first + (1 - first) % step, last + 1, step))

    def _every_months(self, step: int) -> Iterator[dt.date]:
        first = self._first.year * 12 + self._first.month - (self._first.day == 1)
        last = self._last.year * 12 + self._last.month - 1
        return (
            dt.date(month // 12, month % 12 + 1, 1) for month in range(first + -first % step, last + 1, step)
        )


class _Amounts:
    """The vertical axis: from one tick to another, with all balances and zero between them."""

    def __init__(self, balances: Sequence[Decimal], height: int) -> None:
        self._height = height
        low, high = min(*balances, Decimal(0)), max(*balances, Decimal(0))
        digits = max(len(f"{balance:f}".partition(".")[2]) for balance in balances)
        most = max(2, height // PIXELS_BETWEEN_AMOUNTS)
        self._step = max(_nice((high - low) / most), Decimal(1).scaleb(-digits))
        self._lowest = int((low / self._step).to_integral_value(ROUND_FLOOR))
        self._highest = max(self._lowest + 1, int((high / self._step).to_integral_value(ROUND_CEILING)))

    def y(self, amount: Decimal) -> float:
        """Where an amount is."""
        share = (self._highest - amount / self._step) / (self._highest - self._lowest)
        return round(float(share * self._height), 1)

    def ticks(self) -> Iterator[Decimal]:
        """The amounts of the ticks, from the lowest."""
        for number in range(self._lowest, self._highest + 1):
            yield Decimal(f"{number * self._step:f}")  # without an exponent


def _nice(amount: Decimal) -> Decimal:
    """The smallest of 1, 2 or 5 times a power of ten that is not less than an amount."""
    if not amount:
        return Decimal(0)
    power = Decimal(1).scaleb(amount.adjusted())
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= amount)


def _reduced(days: Sequence[DayBalance], dates: _Dates) -> Iterator[DayBalance]:
    """The days, or those of each column that are needed to draw it, if there are very many."""
    if len(days) <= 4 * COLUMNS:
        yield from days
        return
    for _, group in groupby(days, key=lambda day: dates.column(day.date)):
        column = list(group)
        lowest = min(column, key=lambda day: day.balance)
        highest = max(column, key=lambda day: day.balance)
        yield from sorted({column[0], lowest, highest, column[-1]})


def _path(days: Iterable[DayBalance], dates: _Dates, amounts: _Amounts) -> str:
    parts: list[str] = []
    before = None
    for day in days:
        y = amounts.y(day.balance)
        if before is None:
            parts.append(f"M0 {y:g}")
        elif y != before:
            parts.append(f"H{dates.x(day.date):g}V{y:g}")
        before = y
    return f"{''.join(parts)}H{dates.width:g}"
