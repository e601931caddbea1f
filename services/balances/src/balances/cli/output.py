"""Where answers go: standard output, or a file that appears whole or not at all."""

import io
import os
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from balances.errors import UsageError


def check_destination(path: Path | None) -> None:
    """Refuse, before any work, a file that cannot be written.

    Raises:
        UsageError: saying why.
    """
    if path is None and sys.stdout is None:
        raise UsageError("standard output is closed; name a file with -o")
    if path is not None and (path.is_dir() or not os.access(path.resolve().parent, os.W_OK | os.X_OK)):
        raise UsageError(f"cannot write {path}: name a file in a directory that exists and may be written to")


@contextmanager
def destination(path: Path | None) -> Iterator[TextIO]:
    """The file to write to, as UTF-8; it replaces the one at `path` only when the block ends well."""
    if path is None:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader such as `head` may leave early
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        yield sys.stdout
        sys.stdout.flush()
        return
    target = path.resolve()
    if target.exists() and not target.is_file():  # a device or a pipe, which nothing may replace
        with target.open("w", encoding="utf-8") as file:
            yield file
        return
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with draft.open("x", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            draft.chmod(stat.S_IMODE(target.stat().st_mode))
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
