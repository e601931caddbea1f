"""The command line: options in, a report out, errors as one plain line and an exit status."""

import argparse
import logging
import os
import sys
from contextlib import ExitStack, closing

import uvloop

from balances.cli.arguments import parser
from balances.cli.output import check_destination, destination
from balances.cli.progress import watched
from balances.cli.reports import REPORTS, Filters, Report
from balances.cli.table import write
from balances.errors import BalancesError, exit_status
from balances.feed.attempt import Attempt, read
from balances.feed.settings import Feed, make_feed

CANNOT_WRITE = 1

logger = logging.getLogger(__name__)


def run() -> int:
    """Do what the command line says; the result is the exit status."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:  # noqa: PLR2004  closed standard streams
        pass  # else the event loop would take their numbers
    os.close(descriptor)
    options = parser().parse_args()
    if options.command not in REPORTS:
        from balances.cli import refresh_feeds as service_commands  # noqa: PLC0415  a report needs no server

        return service_commands.run(str(options.command))
    logging.basicConfig(format="balances: %(message)s")
    try:
        report(options)
    except BalancesError as error:
        return _fail(str(error), exit_status(error))
    except OSError as error:
        return _fail(f"cannot write the answer: {error}", CANNOT_WRITE)
    return 0


def report(options: argparse.Namespace) -> None:
    """Read the feed, and write what was asked for.

    Raises:
        BalancesError: the options make no sense, or the feed cannot be read whole.
        OSError: the answer could not be written.
    """
    check_destination(options.output_file)
    feed = make_feed(
        options.feed,
        currency=options.currency,
        deadline=options.deadline,
        retry_500=options.retry_500,
        allow_repeated_pages=options.allow_repeated_pages,
        max_bytes=sys.maxsize,  # a report keeps long feeds on disk
    )
    filters = Filters(
        getattr(options, "category", None), getattr(options, "since", None), getattr(options, "until", None)
    )
    gathered, proof = uvloop.run(read(feed, lambda attempt: _gather(attempt, feed, filters, options.command)))
    with closing(gathered), destination(options.output_file) as file:
        if gathered.note:
            logger.warning(gathered.note)
        write(gathered.table(proof), options.output_format, file)


async def _gather(attempt: Attempt, feed: Feed, filters: Filters, command: str) -> Report:
    gathered = REPORTS[command](feed, filters)
    with ExitStack() as failed:
        failed.callback(gathered.close)
        await watched(attempt, gathered.add)
        failed.pop_all()
    return gathered


def _fail(message: str, status: int) -> int:
    print(f"balances: {message}", file=sys.stderr)  # noqa: T201  for the person at the terminal
    return status
