"""Each line of a process is one JSON object, whoever wrote it."""

import json
import logging
import warnings

import pytest
import structlog

from chassis import logs
from chassis.settings import Settings


def test_a_librarys_line_is_json_like_our_own(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(), "greeter", "1.2")
    logging.getLogger("uvicorn.error").info("Started %s", "now", extra={"color_message": "x"})
    structlog.get_logger().info("Started too", rows=3)
    library, own = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert library.pop("timestamp") <= own.pop("timestamp")
    assert library == {"level": "info", "event": "Started now", "service": "greeter", "version": "1.2"}
    assert own == {**library, "event": "Started too", "rows": 3}


@pytest.mark.parametrize("value", ["two\nlines", "\ud800", b"\xff", {1: object}, float("inf"), 10**40])
def test_any_value_makes_one_line(capsys: pytest.CaptureFixture[str], value: object) -> None:
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


def test_people_get_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_format="console"), "greeter", "1.2")
    structlog.get_logger().info("Hello", rows=3)
    assert "Hello" in capsys.readouterr().out
