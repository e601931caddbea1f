"""The command `balances`."""

import sys

INTERRUPTED = 130


def main() -> int:
    """Run the command line; the result is the exit status."""
    try:
        from balances.cli.print_report import run  # noqa: PLC0415  so that Ctrl-C is heard while modules load

        return run()
    except KeyboardInterrupt:
        print("balances: interrupted", file=sys.stderr)  # noqa: T201  for the person at the terminal
        return INTERRUPTED
