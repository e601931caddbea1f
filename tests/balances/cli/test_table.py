"""Tables as plain text, CSV and JSON."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from balances.cli.table import Column, Format, Table, write
from balances.feed.proof import Proof
from balances.ledger.possible_duplicates import Occurrence

PROOF = Proof("main", 1, 2, 2, "ab", datetime(2024, 1, 1, tzinfo=UTC))
COLUMNS = (
    Column("amount", "number"),
    Column("currency", in_text=False),
    Column("vendor", "text"),
    Column("where"),
)


def written(
    form: Format, rows: Any, closing: Any = (), columns: Any = COLUMNS, *, single: bool = False
) -> str:
    file = io.StringIO()
    write(Table(columns, rows, {"currency": "CAD"}, closing, PROOF, single), form, file)
    return file.getvalue()


def test_plain_text_aligns_numbers_to_the_right() -> None:
    rows = [("-1.50", "CAD", "A", [Occurrence(1, 2)]), ("100.00", "CAD", "LONG", [])]
    assert written("text", rows, [("98.50", "total")]) == " -1.50  A     1:2\n100.00  LONG\n 98.50  total\n"


def test_plain_text_marks_empty_text_and_removes_control_characters() -> None:
    rows = [("1", "CAD", "", True), ("2", "CAD", "\x1b[2J\nX", False)]
    assert written("text", rows) == "1  (none)  where\n2  \ufffd[2J\ufffdX\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_in_csv_starts_a_formula(start: str) -> None:
    _, row = csv.reader(io.StringIO(written("csv", [("-1.50", "CAD", f"{start}cmd()", [])]), newline=""))
    assert row == ["-1.50", "CAD", f"'{start}cmd()", ""]


def test_csv_quotes_special_characters() -> None:
    rows = [("1", "CAD", 'A, "B"\nC', [Occurrence(1, 2), Occurrence(3, 4)]), ("2", "CAD", "D", False)]
    assert list(csv.reader(io.StringIO(written("csv", rows), newline=""))) == [
        ["amount", "currency", "vendor", "where"],
        ["1", "CAD", 'A, "B"\nC', "1:2 3:4"],
        ["2", "CAD", "D", "false"],
    ]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_has_the_facts_the_rows_and_the_proof(count: int) -> None:
    answer = json.loads(written("json", [("1.50", "CAD", '"\n', [Occurrence(1, 2)])] * count))
    assert answer["currency"] == "CAD"
    assert (
        answer["items"]
        == [{"amount": "1.50", "currency": "CAD", "vendor": '"\n', "where": [{"page": 1, "row": 2}]}] * count
    )
    assert answer["proof"] == {
        "feed": "main",
        "pages": 1,
        "rows": 2,
        "total_count": 2,
        "digest": "ab",
        "fetched_at": "2024-01-01T00:00:00Z",
        "complete": True,
    }


def test_json_has_a_single_row_as_members() -> None:
    answer = json.loads(written("json", [("1.50",)], columns=[Column("total", "number")], single=True))
    assert (answer["total"], answer["currency"]) == ("1.50", "CAD")
