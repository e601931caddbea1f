"""Markdown tables, and their insertion into docs/performance.md."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.errors import BenchError


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column is text and whose other columns are numbers."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def number(value: float) -> str:
    """Format a number with three significant digits, and all digits before the point: 0.0123, 1.23, 12.3, 1,234."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    digits = 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:.{digits}f}"


def goal(text: str, measured: float, *, at_least: float | None = None, at_most: float | None = None) -> str:
    """A sentence about whether a goal is reached."""
    good = measured >= at_least if at_least is not None else at_most is None or measured <= at_most
    return f"Goal: {text}: **{'reached' if good else 'not reached'}** ({number(measured)})."


def write(path: Path, sections: Mapping[str, str]) -> None:
    """Write each section between its two marks in the page.

    Raises:
        BenchError: a mark is missing, or there is more than one.
    """
    page = path.read_text(encoding="utf-8")
    for name, text in sections.items():
        marks = f"<!-- bench: {name} -->", f"<!-- end: {name} -->"
        places = re.findall(f"{re.escape(marks[0])}.*?{re.escape(marks[1])}", page, re.DOTALL)
        if len(places) != 1:
            raise BenchError(f"{path} must contain {marks[0]} and {marks[1]} exactly once.")
        page = page.replace(places[0], f"{marks[0]}\n{text}\n{marks[1]}")
    path.write_text(page, encoding="utf-8")
