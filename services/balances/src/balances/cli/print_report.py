"""The commands that read a feed and print a report."""

import argparse
import logging
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing

import uvloop

from balances.cli.exit_status import FAILED, exit_status
from balances.cli.output import check_destination, destination
from balances.cli.progress import with_progress
from balances.cli.reports.categories import CategoryReport
from balances.cli.reports.daily import DailyReport, TotalReport
from balances.cli.reports.possible_duplicates import PossibleDuplicatesReport
from balances.cli.reports.report import Filters, Report
from balances.cli.reports.transactions import TransactionReport
from balances.cli.reports.vendors import VendorReport
from balances.cli.table import write
from balances.errors import BalancesError, UsageError
from balances.feed.attempt import Attempt
from balances.feed.read_feed import read_feed
from balances.feed.settings import Feed, make_feed

REPORTS: Mapping[str, Callable[[Feed, Filters], Report]] = {
    "total": TotalReport,
    "daily": DailyReport,
    "categories": CategoryReport,
    "transactions": TransactionReport,
    "repeats": PossibleDuplicatesReport,
    "vendors": VendorReport,
}
"""The report of each command."""

logger = logging.getLogger(__name__)


def run(options: argparse.Namespace) -> int:
    """Print a report, or an error as one line; the result is the exit status."""
    logging.basicConfig(format="balances: %(message)s")
    try:
        print_report(options)
    except BalancesError as error:
        return _fail(str(error), exit_status(error))
    except OSError as error:
        return _fail(f"cannot write the report: {error}", FAILED)
    return 0


def print_report(options: argparse.Namespace) -> None:
    """Read the feed, and print the report.

    Raises:
        BalancesError: an option is invalid, or the feed could not be read completely.
        OSError: the report could not be written.
    """
    check_destination(options.output_file)
    filters = _filters(options)
    feed = make_feed(
        options.feed,
        currency=options.currency,
        deadline=options.deadline,
        retry_500=options.retry_500,
        allow_repeated_pages=options.allow_repeated_pages,
        max_bytes=sys.maxsize,  # a report needs little memory, however long the feed is
    )
    report, proof = uvloop.run(
        read_feed(feed, lambda attempt: _collect(attempt, feed, filters, options.command))
    )
    with closing(report), destination(options.output_file) as file:
        if report.note:
            logger.warning(report.note)
        write(report.table(proof), options.output_format, file)


def _filters(options: argparse.Namespace) -> Filters:
    filters = Filters(
        getattr(options, "category", None), getattr(options, "since", None), getattr(options, "until", None)
    )
    if filters.since and filters.until and filters.since > filters.until:
        raise UsageError(f"--from {filters.since} is after --to {filters.until}; exchange the two dates")
    return filters


async def _collect(attempt: Attempt, feed: Feed, filters: Filters, command: str) -> Report:
    report = REPORTS[command](feed, filters)
    with ExitStack() as on_error:
        on_error.callback(report.close)
        await with_progress(attempt, report.add)
        on_error.pop_all()
    return report


def _fail(message: str, status: int) -> int:
    print(f"balances: {message}", file=sys.stderr)  # noqa: T201  for the person at the terminal
    return status
