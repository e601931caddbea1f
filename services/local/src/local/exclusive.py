"""A lock on the data folder, so that only one run at a time uses it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class InUse(Exception):
    """The data folder cannot be used: another run has it, or it is not writable."""


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Lock `folder` until the end of the block. The kernel releases the lock even if this process is killed.

    Raises:
        InUse: another process has the lock, and the message names it; or the folder is not writable.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+")
    except OSError as error:
        raise InUse(f"LOCAL_DIR: the data cannot be kept in {folder}/: {error.strerror}") from error
    with lock as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise InUse(
                f"Benchtop is already running on the data in {folder}/ (process {file.read().strip() or 'unknown'})."
                " Stop that one first, or run another one with a different folder:"
                " LOCAL_DIR=.local2 PORT=9000 make run"
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
