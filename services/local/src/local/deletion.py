"""Deletes the data of the local run, after it has listed the data and the user has confirmed."""

import shutil
import sys
from pathlib import Path

from local import session_keys
from local.exclusive import exclusive
from local.postgres_process import PostgresProcess

DATA = {
    "postgres": "the embedded PostgreSQL: all data of inventory and balances",
    "worker.log": "the notifications that were delivered",
    session_keys.NAME: "the keys of sessions: everybody who is signed in is signed out",
}
"""Files that a run creates in its folder, with a description."""


class NotDeleted(Exception):
    """Nothing was deleted, because the user has not confirmed it."""


def delete(folder: Path, *, agreed: bool) -> None:
    """Delete the files of earlier runs in `folder`; other files there stay.

    Raises:
        InUse: Benchtop is running on this data.
        NotDeleted: the user does not confirm, or there is no terminal for the question.
    """
    if not any((folder / name).exists() for name in DATA):
        _say(f"There is no data in {folder}/.")
        return
    with exclusive(folder):
        found = [path for name in DATA if (path := folder / name).exists()]
        _say("This deletes forever:")
        for path in found:
            _say(f"  {path}  {DATA[path.name]} ({_mebibytes(path):.1f} MiB)")
        if not agreed:
            _ask()
        for path in found:
            if path.is_dir():
                PostgresProcess(path).stop()  # the server of a run that was killed
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
            "Nothing was deleted: there is no terminal for the confirmation. Confirm with YES=1 make clean-data."
        )
    if input("Type yes to go on: ").strip() != "yes":
        raise NotDeleted("Nothing was deleted.")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  output for the person at the terminal
