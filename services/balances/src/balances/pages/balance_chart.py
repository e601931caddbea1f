"""The running balance as a step chart: the geometry of its SVG, in whole units, and the lines of its grid.

The plot is `SIZE` units wide and high, and is stretched to its size on the page. Each balance is drawn from its day to
the day of the next one, and the last balance for one day.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import msgspec

SIZE = 1000
GRID_LINES = 4
"""About the number of lines of the grid."""

ZERO = Decimal(0)


class GridLine(msgspec.Struct, frozen=True):
    """A line of the grid: its distance from the top, and the amount that it stands for."""

    y: int
    amount: str


class BalanceChart(msgspec.Struct, frozen=True):
    """The paths of the chart, and its grid from the bottom to the top."""

    line: str
    area: str
    """Between the line and zero."""
    zero: int
    """Distance of the amount zero from the top."""
    grid: Sequence[GridLine]


def balance_chart(dates: Sequence[dt.date], balances: Sequence[Decimal]) -> BalanceChart:
    """The chart of at least one balance.

    Args:
        dates: the dates, ascending.
        balances: the balance of each date.
    """
    least, most = min(*balances, ZERO), max(*balances, ZERO)
    step = _grid_step(most - least)
    low = (least / step).to_integral_value(ROUND_FLOOR) * step
    high = max((most / step).to_integral_value(ROUND_CEILING) * step, low + step)
    days = (dates[-1] - dates[0]).days + 1

    def y(amount: Decimal) -> int:
        return round((high - amount) * SIZE / (high - low))

    ends = [*((date - dates[0]).days * SIZE // days for date in dates[1:]), SIZE]
    steps = "".join(f"V{y(balance)}H{end}" for balance, end in zip(balances, ends, strict=True))
    grid = [low + step * number for number in range(round((high - low) / step) + 1)]
    return BalanceChart(
        line=f"M0 {y(balances[0])}{steps}",
        area=f"M0 {y(ZERO)}{steps}V{y(ZERO)}Z",
        zero=y(ZERO),
        grid=[GridLine(y(amount), f"{amount + ZERO:f}") for amount in grid],
    )


def _grid_step(length: Decimal) -> Decimal:
    """The distance between two lines of the grid: 1, 2 or 5 times a power of ten."""
    if not length:
        return Decimal(1)
    rough = length / GRID_LINES
    power = Decimal(1).scaleb(rough.adjusted())
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
