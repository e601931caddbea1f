"""A missing requirement of the benchmarks is named in the error, and nothing is installed on the machine."""

from pathlib import Path

import pytest

from bench import environment


@pytest.fixture
def only_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing but an apt-get; the file that it writes when it is run."""
    called = tmp_path / "called"
    apt = tmp_path / "apt-get"
    apt.write_text(f'#!/bin/sh\necho "$@" >>{called}\n')
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return called


def test_programs_that_are_missing_are_named_with_the_way_to_get_them(only_apt: Path) -> None:
    said: list[str] = []
    environment.name_missing_programs(said.append)
    (line,) = said
    assert line.startswith("not installed: wrk, ledger, hledger; ")
    assert "sudo apt-get install wrk ledger hledger; macOS: brew install wrk ledger hledger" in line
    assert not only_apt.exists()


def test_nothing_is_said_where_all_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in environment.PROGRAMS:
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    said: list[str] = []
    environment.name_missing_programs(said.append)
    assert said == []
