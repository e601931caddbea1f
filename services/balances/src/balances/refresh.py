"""A refresh: the feed is read into the database, and takes the place of the reading before only if it is complete."""

import time
from collections.abc import Iterable, Sequence
from functools import partial

import msgspec
import psycopg

from balances.categories import CategoryTotals
from balances.daily import DailyBalances
from balances.errors import BalancesError, FeedError, FeedInconsistent, FeedInvalid, FeedUnreachable
from balances.feed import Feed
from balances.money import format_amount, parse_amount
from balances.reading import Attempt, Proof, read
from balances.repeats import Repeat, RepeatFinder
from balances.transaction import Transaction
from balances.vendors import VendorTotals
from chassis.database_connection import Connection, connection_options
from chassis.queries import Queries

SCHEMA = "balances"
SQL = Queries("balances", "sql/refresh.sql")

GRACE = 60.0
"""Seconds that the database may take beyond the feed's deadline."""

OUTCOMES: Sequence[tuple[type[FeedError], str]] = (
    (FeedUnreachable, "unreachable"),
    (FeedInconsistent, "inconsistent"),
    (FeedInvalid, "invalid"),
)


class RefreshUnderWay(BalancesError):
    """Another refresh of the same feed has not ended yet."""


async def refresh(database_url: str, feed: Feed) -> Proof:
    """Read the feed into the database, on a connection of its own: it may take as long as the feed's deadline.

    Raises:
        RefreshUnderWay: another process is at it.
        FeedError: the feed could not be read; the reading before stays.
        psycopg.Error: the database could not be used; the reading before stays.
    """
    started = time.monotonic()
    options = connection_options(SCHEMA)
    async with await psycopg.AsyncConnection.connect(database_url, **options) as connection:
        try:
            async with connection.transaction():
                await _lock(connection, feed)
                _, proof = await read(feed, partial(_replace, connection, feed))
        except FeedError as error:
            outcome = next(name for kind, name in OUTCOMES if isinstance(error, kind))
            await _record(connection, feed, started, outcome, str(error))
            raise
        await _record(connection, feed, started, "complete", "")
        await connection.execute(SQL.analyze)
        return proof


async def _lock(connection: Connection, feed: Feed) -> None:
    row = await (await connection.execute(SQL.lock, {"feed": feed.title})).fetchone()
    if row != (True,):
        raise RefreshUnderWay(
            f"feed {feed.title}: a refresh is under way; its reading is the answer when it ends"
        )


async def _record(connection: Connection, feed: Feed, started: float, outcome: str, detail: str) -> None:
    values = {"feed": feed.title, "seconds": time.monotonic() - started, "outcome": outcome, "detail": detail}
    await connection.execute(SQL.record, values)


async def _replace(connection: Connection, feed: Feed, attempt: Attempt) -> None:
    """Store one attempt; what it wrote is taken back where it fails."""
    async with connection.transaction():
        await _Writer(connection, feed).store(attempt)


class _Writer:
    """Writes one reading."""

    def __init__(self, connection: Connection, feed: Feed) -> None:
        self._connection = connection
        self._feed = feed
        self._money = partial(format_amount, digits=feed.digits)
        self._id = 0
        self._daily = DailyBalances()
        self._categories = CategoryTotals()
        self._vendors = VendorTotals(feed.aliases)
        self._finder = RepeatFinder()

    async def store(self, attempt: Attempt) -> None:
        (self._id,) = await (await self._connection.execute(SQL.next_id)).fetchone() or (0,)
        await self._transactions(attempt)
        repeats = await self._repeats()
        await self._reading(attempt.proof(), repeats)
        await self._computed(repeats)

    async def _transactions(self, attempt: Attempt) -> None:
        position = 0
        async with self._connection.cursor() as cursor, cursor.copy(SQL.copy_transactions) as copy:
            async for page in attempt:
                for one in page.transactions:
                    position += 1
                    await copy.write_row(
                        (
                            self._id,
                            self._feed.digits,
                            position,
                            one.date,
                            one.category,
                            self._money(one.amount),
                            one.vendor,
                        )
                    )
                self._daily.add(page.transactions)
                self._categories.add(page.transactions)
                self._vendors.add(page.transactions)
                self._finder.add(page)

    async def _repeats(self) -> list[Repeat]:
        candidates = self._finder.candidates()
        if not candidates:
            return []
        values = {"reading_id": self._id, "positions": [position + 1 for position in candidates]}
        rows = await (await self._connection.execute(SQL.transactions_at, values)).fetchall()
        return self._finder.repeats(
            (position - 1, Transaction(date, category, parse_amount(amount, self._feed.digits), vendor))
            for position, date, category, amount, vendor in rows
        )

    async def _reading(self, proof: Proof, repeats: Iterable[Repeat]) -> None:
        total = self._daily.total
        without = total - sum(repeat.excess for repeat in repeats)
        await self._connection.execute(SQL.remove, {"feed": self._feed.title})
        values = {
            **msgspec.structs.asdict(proof),
            "id": self._id,
            "currency": self._feed.currency,
            "digits": self._feed.digits,
            "total": self._money(total),
            "total_if_repeats_removed": self._money(without),
        }
        await self._connection.execute(SQL.insert, values)

    async def _computed(self, repeats: Iterable[Repeat]) -> None:
        money = self._money
        await self._copy(
            SQL.copy_days,
            (
                (day.date, day.transactions, money(day.amount), money(day.balance))
                for day in self._daily.days()
            ),
        )
        await self._copy(
            SQL.copy_categories,
            ((one.name, one.transactions, money(one.total)) for one in self._categories.categories()),
        )
        await self._copy(
            SQL.copy_vendors,
            (
                (
                    one.raw,
                    one.name.clean,
                    one.kind,
                    one.name.confidence,
                    list(one.name.rules),
                    one.transactions,
                    money(one.total),
                )
                for one in self._vendors.vendors()
            ),
        )
        await self._copy(
            SQL.copy_repeats,
            (
                (
                    repeat.transaction.date,
                    repeat.transaction.category,
                    money(repeat.transaction.amount),
                    repeat.transaction.vendor,
                    repeat.count,
                    money(repeat.excess),
                    msgspec.json.encode(repeat.occurrences).decode(),
                    repeat.adjacent,
                    repeat.out_of_order,
                )
                for repeat in repeats
            ),
        )

    async def _copy(self, query: bytes, rows: Iterable[tuple[object, ...]]) -> None:
        async with self._connection.cursor() as cursor, cursor.copy(query) as copy:
            for position, row in enumerate(rows, 1):
                await copy.write_row((self._id, position, *row))
