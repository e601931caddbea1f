"""Programs that total transactions: how each is asked, and how its answer is read."""

import csv
import datetime as dt
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from bench.transactions import ACCOUNT

QUESTIONS = ("total", "daily", "categories")
TOTAL = "total"

Answer = Mapping[str, Decimal]
"""Amounts by day, by category, or the one total."""


class Program(ABC):
    """A program that answers the three questions."""

    name: str

    def __init__(self, books: Path) -> None:
        self.books = books

    @abstractmethod
    def command(self, question: str) -> Sequence[str | Path]:
        """The command that answers."""

    @abstractmethod
    def answer(self, question: str, rows: Sequence[Sequence[str]]) -> Answer:
        """What its output means, given as the rows of its CSV."""

    def read(self, question: str, output: Path) -> Answer:
        """The answer in a file that the command wrote."""
        with output.open(encoding="utf-8", newline="") as file:
            return self.answer(question, list(csv.reader(file)))


class Balances(Program):
    """Ours, on a feed that is a directory."""

    name = "balances"

    def command(self, question: str) -> Sequence[str | Path]:
        """See `Program`."""
        balances = Path(sys.executable).with_name("balances")
        return [balances, question, "--feed", self.books / "feed", "--deadline", "600", "-O", "csv"]

    def answer(self, question: str, rows: Sequence[Sequence[str]]) -> Answer:
        """See `Program`."""
        head, *body = rows
        value = head.index("balance" if question == "daily" else "total")
        name = {"daily": "date", "categories": "name"}.get(question)
        return {row[head.index(name)] if name else TOTAL: Decimal(row[value]) for row in body}


class Ledger(Program):
    """John Wiegley's ledger, in C++."""

    name = "ledger"

    def command(self, question: str) -> Sequence[str | Path]:
        """See `Program`."""
        form = "%(quoted(account)),%(quoted(display_total))\n"
        report = {
            "total": ["balance", f"^{ACCOUNT}", "--balance-format", form],
            "daily": [
                "register",
                f"^{ACCOUNT}",
                "--daily",
                "--register-format",
                "%(date),%(display_total)\n",
            ],
            "categories": ["balance", "not", f"^{ACCOUNT}", "--flat", "--no-total", "--balance-format", form],
        }[question]
        options: list[str | Path] = [
            "--init-file",
            "/dev/null",
            "--date-format",
            "%Y-%m-%d",
            "--file",
            self.books / "journal",
        ]
        return ["ledger", *options, *report]

    def answer(self, question: str, rows: Sequence[Sequence[str]]) -> Answer:
        """See `Program`."""
        sign = -1 if question == "categories" else 1
        return {TOTAL if question == "total" else row[0]: sign * amount(row[-1]) for row in rows}


class Hledger(Program):
    """Hledger, in Haskell."""

    name = "hledger"

    def command(self, question: str) -> Sequence[str | Path]:
        """See `Program`."""
        report = {
            "total": ["balance", ACCOUNT, "--no-total"],
            "daily": ["register", ACCOUNT, "--daily"],
            "categories": ["balance", f"not:{ACCOUNT}", "--flat", "--no-total"],
        }[question]
        return ["hledger", "--file", self.books / "journal", *report, "--output-format=csv"]

    def answer(self, question: str, rows: Sequence[Sequence[str]]) -> Answer:
        """See `Program`."""
        sign = -1 if question == "categories" else 1
        name = {"total": None, "daily": 1, "categories": 0}[question]
        return {TOTAL if name is None else row[name]: sign * amount(row[-1]) for row in rows[1:]}


def amount(text: str) -> Decimal:
    """`CAD -110.71` as a number."""
    return Decimal(text.removeprefix("CAD").strip())


def last_day(answer: Answer) -> str:
    """The latest day of a daily answer."""
    return max(answer, key=dt.date.fromisoformat)
