"""Logs: one JSON object a line on standard output, from structlog and from the standard library alike."""

import json
import logging
import sys
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from structlog.typing import Processor

from chassis.settings import Settings

context: ContextVar[Mapping[str, str]] = ContextVar("log_context")
"""What every line of the request under way has: `service`, `version`, `request_id`."""

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure(settings: Settings, service: str, version: str) -> None:
    """Send every log line of this process to standard output, in the format that the settings name.

    A line has `timestamp`, `level`, `event`, `service`, `version`, and in a request what `context` holds.
    """
    level = LEVELS[settings.log_level]

    everywhere = {"service": service, "version": version}

    def add_context(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for name, value in context.get(everywhere).items():
            event.setdefault(name, value)
        return event

    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_context,
    ]
    if settings.log_format == "json":
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=30)
        last: list[Processor] = [structlog.processors.ExceptionRenderer(tracebacks), _to_json]
    else:
        last = [structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
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
    """A line of the log as JSON, before or without `configure`."""
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    fields = {"event": message, "timestamp": now, "level": level, "service": service, "version": version}
    return _to_json(None, "", fields)


def _drop_color_message(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.pop("color_message", None)
    return event


def _to_json(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    try:
        return msgspec.json.encode(event, enc_hook=repr).decode()
    except (UnicodeEncodeError, TypeError):  # a lone surrogate, or a key that is no string
        return json.dumps({str(key): value for key, value in event.items()}, default=repr)
