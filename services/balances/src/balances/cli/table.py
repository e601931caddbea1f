"""A report as a table, and how it is written: as plain text, CSV or JSON."""

import csv
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, TextIO

import msgspec

from balances.feed.proof import Proof

Value = str | int | bool | dt.date | Sequence[object]
Format = Literal["text", "csv", "json"]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet treat a text as a formula and run it."""


class Column(NamedTuple):
    """A column: `text` comes from the feed and is not trusted; a `number` is aligned to the right."""

    name: str
    kind: Literal["plain", "text", "number"] = "plain"
    in_text: bool = True
    """Whether the column is shown in plain text."""


class Table(NamedTuple):
    """Rows and columns, with the proof that the feed was read completely.

    Amounts are already text. `rows` is iterated once for CSV and JSON, and twice for plain text.
    """

    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    facts: Mapping[str, str | int]
    """Single values that are written to JSON in addition to the rows."""
    closing: Sequence[Sequence[str]]
    """The rows that follow the others in plain text."""
    proof: Proof
    single: bool = False
    """Whether the table has only one row. In JSON, its values are then members of the same object as the facts."""


def write(table: Table, form: Format, file: TextIO) -> None:
    """Write the table in a format."""
    {"text": _write_text, "csv": _write_csv, "json": _write_json}[form](table, file)


def _write_text(table: Table, file: TextIO) -> None:
    columns = [column for column in table.columns if column.in_text]
    widths = [0] * len(columns)
    for row in _text_rows(table):
        for index, cell in enumerate(row if len(row) == len(columns) else row[:-1]):
            widths[index] = max(widths[index], len(cell))
    for row in _text_rows(table):
        cells = (
            cell.rjust(width) if column.kind == "number" else cell.ljust(width)
            for cell, width, column in zip(row, widths, columns, strict=False)
        )
        file.write("  ".join(cells).rstrip() + "\n")


def _text_rows(table: Table) -> Iterable[Sequence[str]]:
    shown = [(i, column) for i, column in enumerate(table.columns) if column.in_text]
    for row in table.rows:
        yield [_plain(row[index], column) for index, column in shown]
    yield from table.closing


def _plain(value: Value, column: Column) -> str:
    if column.kind == "text":
        return _printable(str(value)) or "(none)"
    if isinstance(value, bool):
        return column.name if value else ""
    return _joined(value)


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _write_csv(table: Table, file: TextIO) -> None:
    writer = csv.writer(file)
    writer.writerow([column.name for column in table.columns])
    kinds = [column.kind for column in table.columns]
    for row in table.rows:
        writer.writerow(
            [
                _inert(str(value)) if kind == "text" else _joined(value)
                for value, kind in zip(row, kinds, strict=True)
            ]
        )


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _joined(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _write_json(table: Table, file: TextIO) -> None:
    names = [column.name for column in table.columns]
    encoder = msgspec.json.Encoder()

    def member(name: str, value: object) -> str:
        return encoder.encode({name: value}).decode()[1:-1]

    objects = (dict(zip(names, row, strict=True)) for row in table.rows)
    facts = {**table.facts, **next(objects)} if table.single else table.facts
    file.write("{" + ",".join(member(*fact) for fact in facts.items()))
    if not table.single:
        file.write(',"items":[')
        for number, item in enumerate(objects):
            file.write(("," if number else "") + "\n")
            file.write(encoder.encode(item).decode())
        file.write("\n]")
    file.write(",\n" + member("proof", table.proof) + "}\n")
