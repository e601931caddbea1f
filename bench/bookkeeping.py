"""Compare balances with ledger and hledger: total, daily balances and categories of the same transactions."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil

from bench.accounting import QUESTIONS, Answer, Balances, Hledger, Ledger, Program
from bench.errors import BenchError
from bench.tables import goal, number, table
from bench.transactions import ROWS_PER_PAGE, generate, write_journal, write_pages
from bench.usage import TookTooLong, Usage, measure

TIMEOUT = 240
FAST_AT = 100_000
SMALL_AT = 1_000_000
"""Numbers of transactions for which there are goals."""
HLEDGER_BYTES = 12_000
"""Upper estimate of the memory that hledger needs for each transaction; measured: 7,500."""


class Key(NamedTuple):
    """One combination of size, question and program."""

    size: int
    question: str
    program: str


Results = Mapping[Key, Sequence[Usage] | str]
"""The measured runs, or the reason why there are none."""


def run(folder: Path, rounds: Mapping[int, int], say: Callable[[str], None]) -> Results:
    """Measure each program with each question at each size. The rounds of the programs alternate."""
    results: dict[Key, list[Usage] | str] = {}
    for size, times in rounds.items():
        say(f"writing {size:,} transactions as a feed and as a journal")
        books = folder / str(size)
        books.mkdir()
        write_pages(generate(size), size, ROWS_PER_PAGE, books / "feed")
        write_journal(generate(size), books / "journal")
        for _ in range(times):
            for question in QUESTIONS:
                _one_round(books, size, question, results, say)
        shutil.rmtree(books)
    return results


def _one_round(
    books: Path, size: int, question: str, results: dict[Key, list[Usage] | str], say: Callable[[str], None]
) -> None:
    expected: Answer = {}
    for program in (Balances(books), Ledger(books), Hledger(books)):
        key = Key(size, question, program.name)
        so_far = results.setdefault(key, [])
        if isinstance(so_far, str):
            continue
        if reason := obstacle(program, size):
            results[key] = reason
            continue
        output = books / "answer.csv"
        try:
            used = measure(program.command(question), output, timeout=TIMEOUT)
        except TookTooLong:
            results[key] = f"took longer than {TIMEOUT} s"
            continue
        answer = program.read(question, output)
        expected = expected or answer
        if answer != expected:
            raise BenchError(
                f"{program.name} and balances give different results for {question} of {size:,} transactions."
            )
        so_far.append(used)
        say(f"{size:,} {question}, {program.name}: {number(used.seconds)} s, {number(used.mib)} MiB")


def obstacle(program: Program, size: int) -> str:
    """The reason why the program cannot be measured on this machine, or an empty string."""
    if program.name != Balances.name and shutil.which(program.name) is None:
        return "not installed"
    available = psutil.virtual_memory().available
    if program.name == Hledger.name and size * HLEDGER_BYTES > available:
        return (
            f"left out: it would need about {size * HLEDGER_BYTES >> 30} GiB, {available >> 30} GiB are free"
        )
    return ""


def report(results: Results) -> str:
    """The table, and for each goal whether it is reached."""
    head = (
        "transactions, question",
        "program",
        "s",
        "CPU s",
        "peak MiB",
        "time ÷ balances'",
        "CPU ÷ balances'",
    )
    rows: list[Sequence[str]] = []
    ledger: list[float] = []
    peaks: list[float] = []
    for key, used in results.items():
        label = f"{key.size:,}, {key.question}"
        if isinstance(used, str):
            rows.append((label, key.program, used, "", "", "", ""))
            continue
        ours = results[key._replace(program=Balances.name)]
        assert not isinstance(ours, str)  # noqa: S101  balances always has runs: if it fails, the benchmark stops
        seconds, cpu, mib = _summary(used)
        times = seconds / _summary(ours)[0], cpu / _summary(ours)[1]
        figures = seconds, cpu, mib, *times
        rows.append((label, key.program, *(number(figure) for figure in figures)))
        if key.program == Ledger.name and key.size == FAST_AT:
            ledger.append(times[0])
        if key.program == Balances.name and key.size == SMALL_AT:
            peaks.append(mib)
    goals = []
    if ledger:
        text = (
            f"less time than ledger for {FAST_AT:,} transactions (lowest ratio of ledger's time to balances')"
        )
        goals.append(goal(text, min(ledger), at_least=1))
    if peaks:
        text = f"less than 200 MiB with {SMALL_AT:,} transactions (highest peak)"
        goals.append(goal(text, max(peaks), at_most=200))
    return "\n\n".join((table(head, rows), *goals))


def _summary(used: Sequence[Usage]) -> tuple[float, float, float]:
    return median(one.seconds for one in used), median(one.cpu for one in used), max(one.mib for one in used)
