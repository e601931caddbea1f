"""`make clean` keeps the data, and `make clean-data` deletes it after the person has agreed."""

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.deletion import delete
from local.exclusive import exclusive

ROOT = Path(__file__).parents[2]
BENCHTOP = str(Path(sys.executable).parent / "benchtop")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with the data of a run, and a file of the person."""
    folder = tmp_path / ".local"
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "PG_VERSION").write_text("18\n")
    (folder / "worker.log").write_text("Event 1 has been sent\n")
    (folder / "session-keys").write_text("a key\n")
    (folder / "notes.txt").write_text("of somebody\n")
    return folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"lock"}


def delete_data(folder: Path, *arguments: str, answer: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command; if there is an answer, on a terminal."""
    ours, theirs = pty.openpty()
    if answer is not None:
        os.write(ours, f"{answer}\n".encode())
    try:
        return subprocess.run(
            [BENCHTOP, "delete-data", *arguments],
            env={**os.environ, "LOCAL_DIR": str(folder)},
            stdin=subprocess.DEVNULL if answer is None else theirs,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)


def test_clean_keeps_the_data(data: Path) -> None:
    shutil.copy(ROOT / "Makefile", data.parent)
    (data / "bin").mkdir()
    (data.parent / ".venv").mkdir()
    subprocess.run(["make", "--silent", "clean"], cwd=data.parent, capture_output=True, check=True)
    assert not (data.parent / ".venv").exists()
    assert names(data) == {"postgres", "worker.log", "session-keys", "notes.txt"}


def test_clean_data_lists_the_data_and_deletes_it(data: Path) -> None:
    done = delete_data(data, answer="yes")
    assert done.returncode == 0, done.stderr
    assert f"{data}/postgres  the embedded PostgreSQL" in done.stdout
    assert f"{data}/worker.log  the notifications" in done.stdout
    assert names(data) == {"notes.txt"}


@pytest.mark.parametrize("answer", ["no", "", "y"])
def test_clean_data_deletes_nothing_without_a_yes(data: Path, answer: str) -> None:
    done = delete_data(data, answer=answer)
    assert done.returncode == 1
    assert "Nothing was deleted" in done.stderr
    assert "postgres" in names(data)


def test_clean_data_deletes_nothing_without_a_terminal(data: Path) -> None:
    done = delete_data(data)
    assert done.returncode == 1
    assert "YES=1 make clean-data" in done.stderr
    assert "postgres" in names(data)
    assert delete_data(data, "--yes").returncode == 0
    assert names(data) == {"notes.txt"}


def test_clean_data_deletes_nothing_while_benchtop_is_running(data: Path) -> None:
    with exclusive(data):
        done = delete_data(data, "--yes")
    assert done.returncode == 1
    assert "Benchtop is already running on the data" in done.stderr
    assert "postgres" in names(data)


def test_a_folder_without_data_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other.txt").write_text("kept")
    delete(tmp_path, agreed=True)
    assert capsys.readouterr().out == f"There is no data in {tmp_path}/.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["other.txt"]
