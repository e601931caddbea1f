"""The digest can be computed from its definition in services/balances/README.md alone."""

import asyncio
import hashlib
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.balances.feed_server import Feeds

from balances.feed.attempt import Attempt
from balances.feed.page_decoding import decode_page
from balances.feed.read_feed import read_feed
from balances.feed.settings import make_feed

README = Path(__file__).parents[3] / "services/balances/README.md"


def digest(rows: list[dict[str, Any]]) -> str:
    """The digest as the README defines it, computed without code of balances."""
    return hashlib.sha256("".join(map(line, rows)).encode("utf-8")).hexdigest()


def line(row: dict[str, Any]) -> str:
    """The line of a row as the README defines it, for a currency with two digits."""
    amount = f"{Decimal(row['Amount']):.2f}"
    members = [row["Date"], row["Ledger"], "0.00" if amount == "-0.00" else amount, row["Company"]]
    if row.get("pending"):
        members.append(True)
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")) + "\n"


async def through(attempt: Attempt) -> None:
    """Iterate over all pages."""
    async for _ in attempt:
        pass


def computed(url: str) -> str:
    """The digest that balances computes."""
    return asyncio.run(read_feed(make_feed(url), through))[1].digest


def test_the_digest_of_the_sample_is_the_one_in_the_readme(feeds: Feeds) -> None:
    pages = [json.loads((feeds.sample / f"{number}.json").read_text()) for number in (1, 2, 3, 4)]
    rows = [row for page in pages for row in page["transactions"]]
    assert digest(rows) == computed(str(feeds.sample))
    assert digest(rows) in README.read_text()


def test_the_example_in_the_readme_has_the_digest_in_the_readme(feeds: Feeds) -> None:
    text = README.read_text().partition("### The digest")[2].partition("\n### ")[0].partition("\n## ")[0]
    lines = "".join(re.findall(r'^\["\d.*\]\n', text, re.MULTILINE))
    rows = [
        feeds.row(Date="2013-12-21", Ledger="", Amount="-8.1", Company='SAY "CHEESE" \\ CAF\u00c9'),
        feeds.row(Date="2013-12-22", Ledger="Office Expense", Amount="1e3", Company="A/B", pending=True),
    ]
    assert "".join(map(line, rows)) == lines
    assert computed(feeds.serve(feeds.paged(rows, 1)).url) == hashlib.sha256(lines.encode()).hexdigest()
    assert hashlib.sha256(lines.encode()).hexdigest() in text


row = st.fixed_dictionaries(
    {
        "Date": st.dates().map(str),
        "Ledger": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
        "Amount": st.decimals(-(10**12), 10**12, places=2).map(str)
        | st.sampled_from(["-0", "1e3", "+5", "007.5"]),
        "Company": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
    },
    optional={"pending": st.booleans()},
)


@given(st.lists(row, max_size=4))
@settings(max_examples=200)
def test_any_rows_have_the_digest_that_the_readme_defines(rows: list[dict[str, Any]]) -> None:
    body = json.dumps({"totalCount": len(rows), "page": 1, "transactions": rows}).encode()
    page = decode_page(make_feed("https://bank.example"), 1, body)
    assert hashlib.sha256(page.lines).hexdigest() == digest(rows)


@pytest.mark.parametrize(
    "character", [chr(code) for code in (1, 8, 9, 10, 12, 13, 27, 31, 34, 47, 92, 127, 0x2028)]
)
def test_characters_are_escaped_as_the_readme_says(character: str) -> None:
    rows = [{"Date": "2024-01-01", "Ledger": character, "Amount": "1", "Company": ""}]
    body = json.dumps({"totalCount": 1, "page": 1, "transactions": rows}).encode()
    assert decode_page(make_feed("https://bank.example"), 1, body).lines.decode() == line(rows[0])
