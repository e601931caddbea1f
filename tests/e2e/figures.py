"""A table of what a run measured, with the goals."""

from collections.abc import Callable
from typing import NamedTuple

VERDICTS = {None: "", True: "reached", False: "MISSED"}


class Figure(NamedTuple):
    """One line of the table."""

    what: str
    value: str
    goal: str
    reached: bool | None


class Figures(list[Figure]):
    """The measurements, in order."""

    def note(self, what: str, value: float, unit: str = "", *, below: float | None = None) -> None:
        """Add a number, and the maximum that it should have."""
        reached = None if below is None else value <= below
        goal = "" if below is None else f"≤ {below:g} {unit}"
        self.append(Figure(what, f"{value:.4g} {unit}", goal, reached))

    def failures(self, during: str, failed: int, requests: int) -> None:
        """Add the number of requests that failed during an operation; the goal is none."""
        self.said(f"failed requests: {during}", f"{failed} of {requests}", "0", reached=not failed)

    def said(self, what: str, value: str, goal: str = "", *, reached: bool | None = None) -> None:
        """Add a line that is not a single number."""
        self.append(Figure(what, value, goal, reached))

    def write(self, line: Callable[[str], None]) -> None:
        """Write the table."""
        rows = [(one.what, one.value, one.goal, VERDICTS[one.reached]) for one in self]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
