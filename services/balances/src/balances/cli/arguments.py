"""The command line's options, and its help."""

import argparse
import datetime as dt
import sys
from pathlib import Path

DESCRIPTION = """\
What the money did, from a paged feed of transactions, exactly.

Answers go to standard output, everything else to standard error. A feed that
cannot be read whole and consistent gives no answer at all.
"""

EPILOG = """\
examples:
  balances total --feed https://bank.example/resource
  balances daily --feed 'https://bank.example/tx?page={page}' --from 2013-12-15
  balances categories --feed downloads/ -O csv -o categories.csv
  balances transactions --feed downloads/ --category 'Office Expense' -O json

exit status:
  0  the answer is complete
  1  it could not be written
  2  the command line makes no sense
  3  the feed is unreachable; trying later may help
  4  the feed is incomplete or invalid; the message names page, row and field
"""

SUMMARIES = {
    "total": "what all transactions come to",
    "daily": "the balance at the end of each day",
    "categories": "totals by category",
    "transactions": "the transactions themselves",
    "repeats": "transactions that are alike, with the evidence",
    "vendors": "vendors, with clean names",
}


SERVICE_SUMMARIES = {
    "serve": "answer HTTP requests from the database",
    "refresh": "read every configured feed into the database",
    "migrate": "bring the database's schema up to date",
}


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="balances",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action=_Version, nargs=0, help="show the version, and exit")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in SUMMARIES.items():
        command = commands.add_parser(
            name, help=summary, description=f"Print {summary}.", parents=[_common()], allow_abbrev=False
        )
        if name == "transactions":
            command.add_argument("--category", help="only this one; '' is the one without a name")
        if name in {"transactions", "daily"}:
            command.add_argument(
                "--from", dest="since", type=_date, metavar="DATE", help="only from this day on"
            )
            command.add_argument("--to", dest="until", type=_date, metavar="DATE", help="only up to this day")
    for name, summary in SERVICE_SUMMARIES.items():
        description = f"{summary.capitalize()}. Settings come from the environment: DATABASE_URL, FEEDS, ..."
        commands.add_parser(name, help=summary, description=description, allow_abbrev=False)
    return top


def _common() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False)
    add = options.add_argument
    add(
        "--feed",
        required=True,
        metavar="URL|DIR",
        help="pages are at URL/1.json, URL/2.json, ..., or where {page} says, or are files DIR/1.json, ...",
    )
    add("-O", "--output-format", choices=("text", "json", "csv"), default="text", help="default: text")
    add("-o", "--output-file", type=_file, metavar="FILE", help="write here, all or nothing; default: -")
    add("--currency", metavar="CODE", help="ISO 4217 code; default: CAD")
    add("--deadline", type=float, metavar="SECONDS", help="for the whole reading; default: 60, at most 3600")
    add("--retry-500", action="store_true", default=None, help="try again on HTTP 500, too")
    add(
        "--allow-repeated-pages",
        action="store_true",
        default=None,
        help="do not refuse pages that have the rows of another",
    )
    return options


class _Version(argparse.Action):
    """Looks the version up only where it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version  # noqa: PLC0415  takes time that a report need not spend

        sys.stdout.write(f"balances {version('benchtop-balances')}\n")
        parser.exit()


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2013-12-31") from None


def _file(text: str) -> Path | None:
    return None if text == "-" else Path(text)
