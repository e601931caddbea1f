"""Each log line is one JSON object, and a line that cannot be written causes no error."""

import json
import logging
import os
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path
from typing import Any

import pytest
import structlog
from starlette.testclient import TestClient
from tests.support.metrics import exposition

from chassis.process import logs
from chassis.process.settings import Settings


def test_a_librarys_line_is_json_like_our_own(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(), "greeter", "1.2")
    logging.getLogger("uvicorn.error").info("Started %s", "now", extra={"color_message": "x"})
    structlog.get_logger().info("Started too", rows=3)
    library, own = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert library.pop("timestamp") <= own.pop("timestamp")
    assert library == {"level": "info", "event": "Started now", "service": "greeter", "version": "1.2"}
    assert own == {**library, "event": "Started too", "rows": 3}


@pytest.mark.parametrize("value", ["two\nlines", "\ud800", b"\xff", {1: object}, float("inf"), 10**40])
def test_any_value_is_logged_in_one_line(capsys: pytest.CaptureFixture[str], value: object) -> None:
    logs.configure(Settings(), "greeter", "1.2")
    structlog.get_logger().info("value", value=value)
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["event"] == "value"


def test_a_librarys_exception_is_in_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(), "greeter", "1.2")
    try:
        raise KeyError("lost")
    except KeyError:
        logging.getLogger("library").exception("It failed")
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["exception"][0]["exc_type"] == "KeyError"


def test_a_warning_is_a_log_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(), "greeter", "1.2")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("old", stacklevel=1)
    finally:
        logging.captureWarnings(capture=False)
    (line,) = capsys.readouterr().out.splitlines()
    assert "old" in json.loads(line)["event"]


def test_lines_below_the_level_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_level="warning"), "greeter", "1.2")
    structlog.get_logger().info("quiet")
    logging.getLogger("library").info("quiet")
    assert capsys.readouterr().out == ""


def test_the_console_format_is_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_format="console"), "greeter", "1.2")
    structlog.get_logger().info("Hello", rows=3)
    assert "Hello" in capsys.readouterr().out


def run_process(program: str, **arguments: Any) -> subprocess.CompletedProcess[str]:
    """Run a Python program with configured logs; its own output is on standard error."""
    start = """
        import logging, resource, structlog, sys, uuid
        from chassis.process import logs
        from chassis.process.settings import Settings

        logs.configure(Settings(), "greeter", "1.2")

        def dropped():
            return int(logs.DROPPED._value.get())

        def say(text):
            print(text, file=sys.stderr)
    """
    program = textwrap.dedent(start) + textwrap.dedent(program)
    return subprocess.run(
        [sys.executable, "-c", program],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=30,
        **arguments,
    )


LOG_TWICE = """
    structlog.get_logger().error("Own line")
    logging.getLogger("library").error("Line of %s", "a library")
    say(dropped())
"""


def test_lines_that_cannot_be_written_are_dropped_and_counted() -> None:
    with Path("/dev/full").open("w") as full:
        done = run_process(LOG_TWICE, stdout=full)
    assert (done.returncode, done.stderr) == (0, "2\n")


def test_lines_that_nobody_reads_are_dropped_and_counted() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = run_process(LOG_TWICE, stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "2\n")


def test_without_a_standard_output_lines_are_dropped_and_counted() -> None:
    done = run_process(LOG_TWICE, preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, "2\n")


def test_a_full_nonblocking_pipe_loses_lines_but_does_not_stop_the_process() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    program = """
        for number in range(200):
            structlog.get_logger().info("x" * 1000)
        say(dropped())
    """
    done = run_process(program, stdout=writer)
    os.close(writer)
    with os.fdopen(reader) as file:
        written = file.read().splitlines()
    assert done.returncode == 0
    whole = [line for line in written if line.endswith("}")]
    assert 0 < len(whole) == 200 - int(done.stderr)


def test_after_a_full_disk_has_space_again_every_line_is_whole(tmp_path: Path) -> None:
    program = """
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        for size in (1000, 2000, limit):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, limit))
            for number in range(20):
                structlog.get_logger().info("Line", number=number)
        say(dropped())
    """
    path = tmp_path / "output"
    with path.open("w") as file:
        done = run_process(program, stdout=file)
    lines = path.read_text().splitlines()
    whole = [json.loads(line)["number"] for line in lines if line.endswith("}")]
    torn = [line for line in lines if not line.endswith("}")]
    assert whole[-20:] == list(range(20))
    assert len(whole) == 60 - int(done.stderr)
    assert len(torn) == 2
    assert all(line.startswith("{") for line in torn)


def test_printed_text_comes_before_later_log_lines(tmp_path: Path) -> None:
    path = tmp_path / "output"
    with path.open("w") as file:
        run_process('print("Welcome"); structlog.get_logger().info("Later")', stdout=file)
    first, second = path.read_text().splitlines()
    assert first == "Welcome"
    assert json.loads(second)["event"] == "Later"


def test_a_line_that_cannot_be_formatted_is_dropped_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    class Odd:
        def __repr__(self) -> str:
            raise ValueError("odd")

    logs.configure(Settings(), "greeter", "1.2")
    before = logs.DROPPED._value.get()
    structlog.get_logger().info("value", value=Odd())
    logging.getLogger("library").info("%d is no number", "x")
    assert logs.DROPPED._value.get() - before == 2
    assert capsys.readouterr() == ("", "")


def test_dropped_lines_are_a_metric(client: TestClient) -> None:
    assert "log_lines_dropped_total" in exposition(client)
