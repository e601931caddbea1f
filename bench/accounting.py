"""The programs that compute totals of transactions: their commands, and how to read their output."""

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
"""Amounts by day or by category, or the total."""


class Program(ABC):
    """A program that computes the total, the daily balances and the totals by category."""

    name: str

    def __init__(self, books: Path) -> None:
        self.books = books

    @abstractmethod
    def command(self, question: str) -> Sequence[str | Path]:
        """The command line for a question."""

    @abstractmethod
    def answer(self, question: str, rows: Sequence[Sequence[str]]) -> Answer:
        """Parse the output of the program, given as rows of CSV."""

    def read(self, question: str, output: Path) -> Answer:
        """Parse a file that the command wrote."""
        with output.open(encoding="utf-8", newline="") as file:
            return self.answer(question, list(csv.reader(file)))


class Balances(Program):
    """Benchtop's balances, with a directory as the feed."""

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
    """Parse an amount such as `CAD -110.71`."""
    return Decimal(text.removeprefix("CAD").strip())


def last_day(answer: Answer) -> str:
    """The last day in a list of daily balances."""
    return max(answer, key=dt.date.fromisoformat)
