"""Entry point of the `benchtop` command, which `make run` starts. It handles Ctrl-C while the other modules load."""

import os
import signal
from typing import NoReturn


def main() -> None:
    """Run the command. After Ctrl-C or SIGTERM the process ends with status 0."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, _leave)
    from local.command import run  # noqa: PLC0415  the signal handlers come first

    run()


def _leave(*_: object) -> NoReturn:
    """Exit at once. Nothing has been started yet, and an exception during an import would print a traceback."""
    os.write(2, b"benchtop: stopped\n")
    os._exit(0)
