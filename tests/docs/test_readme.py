"""The commands in the README work as they are."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"^```\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]


def shell(command: str) -> str:
    """Run a command of the README in the root of the project, and return its output."""
    command = command.replace(".venv/bin/", f"{Path(sys.executable).parent}/")
    run = subprocess.run(["/bin/sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_two_commands_set_everything_up() -> None:
    assert [command for command in COMMANDS if command.startswith("make ")][:2] == ["make run", "make test"]


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.startswith(".venv/")])
def test_a_command_without_a_server_prints_something(command: str) -> None:
    assert shell(command)


def test_the_daily_balances_of_the_demo_feed_are_printed() -> None:
    (command,) = (one for one in COMMANDS if "balances daily" in one)
    assert shell(command).splitlines()[-2].split() == ["2013-12-22", "18377.16"]


def test_the_curl_commands_succeed(start: Callable[..., Any], new_folder: Callable[[], Path]) -> None:
    running = start("benchtop", LOCAL_DIR=str(new_folder()))
    deadline = time.monotonic() + 30
    while httpx.get(f"{running.url}/balances/v1/balances/total").is_error:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    answers = [
        shell(command.replace("127.0.0.1:8000", running.url.removeprefix("http://")) + " --fail -sS")
        for command in COMMANDS
        if command.startswith("curl ")
    ]
    running.process.terminate()
    assert running.process.wait(timeout=20) == 0
    assert "18377.16" in answers[0]
    assert len(answers) == 3
    assert all(answers)
