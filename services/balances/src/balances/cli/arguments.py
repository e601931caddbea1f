"""The options of the command line, and its help."""

import argparse
import datetime as dt
import sys
from pathlib import Path

DESCRIPTION = """\
Daily balances and totals of bank transactions from a paged feed, to the cent.

The report goes to standard output, everything else to standard error. If the
feed cannot be read completely and consistently, nothing is reported.
"""

EPILOG = """\
examples:
  balances total --feed https://bank.example/resource
  balances daily --feed 'https://bank.example/tx?page={page}' --from 2013-12-15
  balances categories --feed downloads/ -O csv -o categories.csv
  balances transactions --feed downloads/ --category 'Office Expense' -O json

exit status:
  0  the report is complete
  1  the report could not be written
  2  an option is invalid
  3  the feed is unreachable; a later attempt may succeed
  4  the feed is incomplete or invalid; the message names page, row and field
"""

SUMMARIES = {
    "total": "the sum of all transactions",
    "daily": "the balance at the end of each day",
    "categories": "totals by category",
    "transactions": "the transactions",
    "repeats": "possible duplicates, with the evidence",
    "vendors": "vendors, with clean names",
}
"""What each report shows, by the name of its command."""

SERVICE_SUMMARIES = {
    "serve": "serve the HTTP API",
    "refresh": "read every configured feed into the database",
    "migrate": "bring the database's schema up to date",
}


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    top = argparse.ArgumentParser(
        prog="balances",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in SUMMARIES.items():
        command = commands.add_parser(
            name, help=summary, description=f"Print {summary}.", parents=[_common()], allow_abbrev=False
        )
        if name == "transactions":
            command.add_argument("--category", help="only this category; '' is the category without a name")
        if name in {"transactions", "daily"}:
            command.add_argument(
                "--from", dest="since", type=_date, metavar="DATE", help="only from this day on"
            )
            command.add_argument("--to", dest="until", type=_date, metavar="DATE", help="only up to this day")
    for name, summary in SERVICE_SUMMARIES.items():
        description = (
            f"{summary[0].upper()}{summary[1:]}. Settings come from the environment: DATABASE_URL, FEEDS, ..."
        )
        commands.add_parser(name, help=summary, description=description, allow_abbrev=False)
    return top


def _common() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False)
    add = options.add_argument
    add(
        "--feed",
        required=True,
        metavar="URL|DIR",
        help="pages are at URL/1.json, URL/2.json, ..., or at URL with the page number for {page},"
        " or in the files DIR/1.json, DIR/2.json, ...",
    )
    add("-O", "--output-format", choices=("text", "json", "csv"), default="text", help="default: text")
    add(
        "-o",
        "--output-file",
        type=_file,
        metavar="FILE",
        help="write to this file, which appears only when it is complete; default: -",
    )
    add("--currency", metavar="CODE", help="ISO 4217 code; default: CAD")
    add(
        "--deadline",
        type=float,
        metavar="SECONDS",
        help="time to read the whole feed; default: 60, at most 3600",
    )
    add("--retry-500", action="store_true", default=None, help="retry after HTTP status 500, too")
    add(
        "--allow-repeated-pages",
        action="store_true",
        default=None,
        help="accept pages that repeat rows of another page",
    )
    return options


class _Version(argparse.Action):
    """Looks up the version only when it is requested."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version  # noqa: PLC0415  importing it takes time, and reports do not need it

        sys.stdout.write(f"balances {version('benchtop-balances')}\n")
        parser.exit()


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2013-12-31") from None


def _file(text: str) -> Path | None:
    return None if text == "-" else Path(text)
