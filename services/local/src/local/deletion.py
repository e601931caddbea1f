"""Deletes the data of the local run, after it has said what that is and the person has agreed."""

import shutil
import sys
from pathlib import Path

from local.exclusive import exclusive
from local.postgres_process import PostgresProcess

DATA = {
    "postgres": "the embedded PostgreSQL: all that inventory and balances hold",
    "worker.log": "the notifications that were delivered",
}
"""What runs have made in their folder, and what it is."""


class NotDeleted(Exception):
    """The data is still there, because nobody has agreed to delete it."""


def delete(folder: Path, *, agreed: bool) -> None:
    """Delete what runs have made in `folder`; other files there stay.

    Raises:
        InUse: Benchtop runs on the data now.
        NotDeleted: the person does not agree, or cannot be asked.
    """
    if not any((folder / name).exists() for name in DATA):
        _say(f"There is no data in {folder}/.")
        return
    with exclusive(folder):
        found = [path for name in DATA if (path := folder / name).exists()]
        _say("This deletes, for good:")
        for path in found:
            _say(f"  {path}  {DATA[path.name]} ({_mebibytes(path):.1f} MiB)")
        if not agreed:
            _ask()
        for path in found:
            if path.is_dir():
                PostgresProcess(path).stop()  # one that a killed run has left behind
                shutil.rmtree(path)
            else:
                path.unlink()
    _say("Deleted.")


def _mebibytes(path: Path) -> float:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.lstat().st_size for file in files) / 2**20


def _ask() -> None:
    if not sys.stdin.isatty():
        raise NotDeleted(
            "Nothing was deleted: there is no terminal to ask on. Agree with YES=1 make clean-data."
        )
    if input("Type yes to go on: ").strip() != "yes":
        raise NotDeleted("Nothing was deleted.")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  for the person who started it
