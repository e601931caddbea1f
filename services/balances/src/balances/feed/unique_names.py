"""Detection of JSON objects with two members of the same name, which JSON decoders accept without an error."""

from collections.abc import Sequence
from typing import Any


class RepeatedName(ValueError):
    """An object has two members of the same name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def require_unique_names(text: bytes | bytearray) -> None:
    """Check every object in a JSON text; names are compared after their escapes are decoded.

    This takes about as long as decoding the text.

    Raises:
        RepeatedName: an object has two members of the same name.
        UnicodeDecodeError: the text is not UTF-8.
        RecursionError: the text is nested too deeply.
    """
    import json  # noqa: PLC0415  most feeds do not need this check

    json.loads(text, object_pairs_hook=_require_unique, parse_int=str, parse_float=str)


def _require_unique(members: Sequence[tuple[str, Any]]) -> None:
    if len(dict(members)) == len(members):
        return
    names = set()
    for name, _ in members:
        if name in names:
            raise RepeatedName(name)
        names.add(name)
