"""Which transactions of a snapshot are possible duplicates, for pages that mark them."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from balances.feed.proof import Proof
from chassis.database.pool import Database
from chassis.database.queries import Queries

SQL = Queries("balances.store", "sql/possible_duplicates.sql")

Facts = tuple[dt.date, str, Decimal, str]
"""Date, category, amount and raw vendor of a transaction: equal ones are possible duplicates."""


async def duplicates_among(
    database: Database, proof: Proof, transactions: Mapping[int, Facts]
) -> frozenset[int]:
    """The positions of the transactions that are possible duplicates; none if the snapshot was replaced.

    Args:
        database: the database.
        proof: the proof of the snapshot.
        transactions: some of its transactions, by position.
    """
    if not transactions:
        return frozenset()
    dates, categories, amounts, vendors = (
        list(set(column)) for column in zip(*transactions.values(), strict=True)
    )
    parameters = {
        "feed": proof.feed,
        "digest": proof.digest,
        "dates": dates,
        "categories": categories,
        "amounts": amounts,
        "vendors": vendors,
    }
    sets = set(await database.rows(SQL.sets_like, parameters))
    return frozenset(position for position, facts in transactions.items() if facts in sets)
