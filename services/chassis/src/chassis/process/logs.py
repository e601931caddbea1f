"""Logs: one JSON object per line on standard output, from structlog and from the standard library.

Logging never raises an error. A line that cannot be written, because the disk is full or no process reads the pipe, is
dropped and counted.
"""

import json
import logging
import sys
import threading
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from prometheus_client import Counter
from structlog.typing import Processor

from chassis.process.settings import Settings

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}

DROPPED = Counter("log_lines_dropped", "Log lines that could not be written", registry=None)
"""One counter for the process; `create_app` adds it to the metrics of each application."""


class Output:
    """Standard output, line by line.

    Lines bypass Python's buffer. After a failed write the buffer would keep the text, and later lines would have to
    wait for it.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._torn = False

    def write(self, line: str) -> None:
        """Write a line.

        Raises:
            OSError: nothing was written, or only a part. In that case the next call first ends the line.
        """
        data = line.encode("utf-8", "backslashreplace") + b"\n"
        with self._lock:
            if self._torn:
                data = b"\n" + data
            file = _unbuffered()
            written = 0
            try:
                while written < len(data):
                    count = file.write(data[written:])
                    if not count:
                        raise BlockingIOError("Standard output is non-blocking, and its reader is too slow")
                    written += count
            except ValueError as error:
                raise OSError(f"Standard output: {error}") from error
            finally:
                if written:
                    self._torn = data[written - 1 : written] != b"\n"

    @property
    def is_terminal(self) -> bool:
        """Whether standard output is a terminal."""
        return bool(getattr(sys.stdout, "isatty", bool)())


def _unbuffered() -> Any:
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        raise OSError("There is no standard output")
    with suppress(Exception):  # text from print() comes first, if it can be written now
        sys.stdout.flush()
    return getattr(buffer, "raw", buffer)


OUTPUT = Output()


class Lines:
    """The logger that structlog calls with each formatted line; it has a method for each level."""

    def msg(self, line: str) -> None:
        """Write a line.

        Raises:
            OSError: the line was not written.
        """
        OUTPUT.write(line)

    debug = info = warning = error = critical = exception = msg


class Handler(logging.Handler):
    """The handler of the standard library's loggers."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, or count it as dropped."""
        try:
            OUTPUT.write(self.format(record))
        except Exception:  # noqa: BLE001  an error in logging must not stop the code that logs
            DROPPED.inc()


def configure(settings: Settings, service: str, version: str) -> None:
    """Send every log line of this process to standard output, in the format that the settings name.

    A line has `timestamp`, `level`, `event`, `service`, `version`, and the variables of `structlog.contextvars`: during
    a request its `request_id`, and the service, because one process may run several.
    """
    level = LEVELS[settings.log_level]

    def complete(_: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        # One function for all fields, because this runs for each request
        event["level"] = "error" if method == "exception" else method
        event["timestamp"] = _now()
        event.setdefault("service", service)
        event.setdefault("version", version)
        return event

    shared: list[Processor] = [structlog.contextvars.merge_contextvars, complete]
    if settings.log_format == "json":
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=30)
        last: list[Processor] = [structlog.processors.ExceptionRenderer(tracebacks), _to_json]
    else:
        last = [structlog.dev.ConsoleRenderer(colors=OUTPUT.is_terminal)]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=_never_raising(level),
        logger_factory=lambda *_: Lines(),
        cache_logger_on_first_use=False,
    )
    handler = Handler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                *shared,
                structlog.stdlib.ExtraAdder(allow=()),
                _drop_color_message,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level)
    for chatty in ("httpx", "httpcore", "psycopg.pool"):
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))
    logging.captureWarnings(capture=True)


def line(service: str, version: str, level: str, message: str) -> str:
    """A log line as JSON, for messages before `configure` was called."""
    fields = {"event": message, "timestamp": _now(), "level": level, "service": service, "version": version}
    return _to_json(None, "", fields)


def _now() -> str:
    return f"{datetime.now(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _never_raising(level: int) -> type[structlog.typing.FilteringBoundLogger]:
    class NeverRaising(structlog.make_filtering_bound_logger(level)):  # type: ignore[misc]  # made at run time
        def _proxy_to_logger(self, *arguments: Any, **named: Any) -> None:
            try:
                super()._proxy_to_logger(*arguments, **named)
            except Exception:  # noqa: BLE001  an error in logging must not stop the code that logs
                DROPPED.inc()

    return NeverRaising


def _drop_color_message(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.pop("color_message", None)
    return event


def _to_json(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    try:
        return msgspec.json.encode(event, enc_hook=repr).decode()
    except (UnicodeEncodeError, TypeError):  # a lone surrogate, or a key that is no string
        return json.dumps({str(key): value for key, value in event.items()}, default=repr)
