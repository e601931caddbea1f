"""The same transactions in two formats: pages of a feed, and a journal for ledger and hledger."""

import datetime as dt
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec

SEED = 20131222
DAYS = 1096
FIRST_DAY = dt.date(2023, 1, 1)
ROWS_PER_PAGE = 1000
INCOMES = ("Sales", "Consulting", "Grants")
EXPENSES = (
    "Auto Expense", "Bank Charges", "Business Meals & Entertainment Expense", "Chemicals", "Cleaning",
    "Computer - Hardware", "Computer - Software", "Consumables", "Freight", "Gas", "Insurance Expense",
    "Office Expense", "Parking", "Phone & Internet Expense", "Postage & Shipping Expense", "Rent", "Repairs",
    "Training", "Travel Expense, Nonlocal", "Web Hosting & Services Expense",
)  # fmt: skip
ACCOUNT = "Assets:Bank"


class Transaction(NamedTuple):
    """One transaction; the amount is in cents."""

    date: dt.date
    category: str
    cents: int
    company: str


def generate(count: int) -> Iterator[Transaction]:
    """Generate `count` transactions, spread evenly over three years; they are the same in every run."""
    chance = random.Random(SEED)
    companies = [f"COMPANY {number} VANCOUVER BC" for number in range(500)]
    for index in range(count):
        date = FIRST_DAY + dt.timedelta(days=index * DAYS // count)
        if chance.random() < 0.1:
            category, cents = chance.choice(INCOMES), chance.randint(100_00, 9_999_99)
        else:
            category, cents = chance.choice(EXPENSES), -chance.randint(1, 999_99)
        yield Transaction(date, category, cents, chance.choice(companies))


def decimal(cents: int) -> str:
    """Format cents as a decimal number: -110.71."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def write_pages(transactions: Iterator[Transaction], count: int, rows_per_page: int, folder: Path) -> None:
    """Write the pages of the feed: 1.json, 2.json and so on."""
    folder.mkdir()
    pages = iter(lambda: list(islice(transactions, rows_per_page)), [])
    for number, rows in enumerate(pages, 1):
        page = {
            "totalCount": count,
            "page": number,
            "transactions": [
                {
                    "Date": row.date.isoformat(),
                    "Ledger": row.category,
                    "Amount": decimal(row.cents),
                    "Company": row.company,
                }
                for row in rows
            ],
        }
        (folder / f"{number}.json").write_bytes(msgspec.json.encode(page))


def write_journal(transactions: Iterator[Transaction], path: Path) -> None:
    """Write the journal. The amount of the category's posting is left out, as people usually write it."""
    with path.open("w", encoding="utf-8") as journal:
        for row in transactions:
            journal.write(
                f"{row.date} {row.company}\n    {ACCOUNT}  CAD {decimal(row.cents)}\n    {row.category}\n\n"
            )
