"""A large lab and a large feed.

`python -m bench.large_lab DATABASE_URL FOLDER` fills a migrated database, and writes the feed into a new folder.
"""

import sys
from pathlib import Path

import psycopg

from bench.transactions import ROWS_PER_PAGE, generate, write_pages
from chassis.database.queries import Queries

SQL = Queries("bench", "large_lab.sql")

SITES = 10
FREEZERS = 50
CONTAINERS = 100_000
TRANSACTIONS = 100_000


def fill(url: str, *, sites: int = SITES, freezers: int = FREEZERS, containers: int = CONTAINERS) -> None:
    """Insert sites, freezers and containers into a migrated database of inventory, beside the rows that it has.

    The rows are the same in every run, but for their times.
    """
    sizes = {"sites": sites, "freezers": freezers, "containers": containers}
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.transaction():
            for statement in (SQL.sites, SQL.freezers, SQL.containers):
                connection.execute(statement, sizes)
        connection.execute(SQL.analyze)


def write_feed(folder: Path, transactions: int = TRANSACTIONS) -> None:
    """Write the pages of a feed into a new folder: 1.json, 2.json and so on."""
    write_pages(generate(transactions), transactions, ROWS_PER_PAGE, folder)


def main() -> None:
    """Run the command."""
    url, folder = sys.argv[1:]
    fill(url)
    write_feed(Path(folder))


if __name__ == "__main__":
    main()
