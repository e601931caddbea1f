"""Rows in the text format of PostgreSQL's COPY: one row a line, with tabs between the values."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

BLOCK = 500
"""How many rows are sent in one message."""

Value = str | int | bool | dt.date | Sequence[str]

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_line(*values: Value) -> str:
    """One row, without a line break. A sequence becomes an array; its texts must not need escapes."""
    return "\t".join(map(_text, values))


def copy_blocks(lines: Iterable[str]) -> Iterator[str]:
    """The rows in blocks of `BLOCK` rows."""
    rest = iter(lines)
    while block := list(islice(rest, BLOCK)):
        yield "\n".join(block) + "\n"


def escaped(text: str) -> str:
    """A text with the escapes of the format."""
    # Faster: printable text has no tab and no line break, and most texts are printable
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


def _text(value: Value) -> str:
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, int | dt.date):
        return str(value)
    return f"{{{','.join(value)}}}"
