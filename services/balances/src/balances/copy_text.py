"""Rows as PostgreSQL's COPY reads them in text format: one a line, values apart by tabs."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

BLOCK = 64 * 1024
"""About how many characters are sent at once."""

Value = str | int | bool | dt.date | Sequence[str]

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_blocks(rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    """The rows in blocks. A sequence of texts becomes an array; its texts have no special characters."""
    lines: list[str] = []
    size = 0
    for row in rows:
        line = "\t".join(map(_text, row))
        lines.append(line)
        size += len(line)
        if size >= BLOCK:
            yield "\n".join(lines) + "\n"
            lines, size = [], 0
    if lines:
        yield "\n".join(lines) + "\n"


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, int | dt.date):
        return str(value)
    return f"{{{','.join(value)}}}"
