"""The destination of a report: standard output, or a file that appears only when it is complete."""

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
    """Check that the file can be written, before the feed is read.

    Raises:
        UsageError: the file cannot be written; the message has the reason.
    """
    if path is None and sys.stdout is None:
        raise UsageError("standard output is closed; name a file with -o")
    if path is not None and (path.is_dir() or not os.access(path.resolve().parent, os.W_OK | os.X_OK)):
        raise UsageError(f"cannot write {path}: name a file in a directory that exists and may be written to")


@contextmanager
def destination(path: Path | None) -> Iterator[TextIO]:
    """The file to write to, in UTF-8; a file at `path` is replaced only if the block ends without an error."""
    if path is None:
        before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader such as `head` may stop early
        try:
            if isinstance(sys.stdout, io.TextIOWrapper):
                sys.stdout.reconfigure(encoding="utf-8")
            yield sys.stdout
            sys.stdout.flush()
        finally:
            signal.signal(signal.SIGPIPE, before)
        return
    target = path.resolve()
    if target.exists() and not target.is_file():  # a device or a pipe, which must not be replaced by a file
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
