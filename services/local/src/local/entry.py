"""The `benchtop` command: what `make run` starts."""

import os
import signal
from typing import NoReturn


def main() -> None:
    """Start everything, and stop it all on Ctrl-C or SIGTERM; the process then ends with status 0."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, _leave)
    from local.command import run  # noqa: PLC0415  so that Ctrl-C is heard while modules load

    run()


def _leave(*_: object) -> NoReturn:
    """End at once: nothing has been started yet, and an exception in the middle of an import prints a traceback."""
    os.write(2, b"benchtop: stopped\n")
    os._exit(0)
