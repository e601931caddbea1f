"""JSON objects with two members of one name: decoders accept them in silence, and the last one wins."""

from collections.abc import Sequence
from typing import Any


class Repeated(ValueError):
    """An object has two members of the same name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def require_unique_names(text: bytes | bytearray) -> None:
    """Look at every object in a JSON text, whichever way its names are written.

    Slow: about as long as decoding takes. Nothing of the text is kept.

    Raises:
        Repeated: an object has two members of the same name.
        UnicodeDecodeError: it is not UTF-8.
        RecursionError: it is nested too deeply.
    """
    import json  # noqa: PLC0415  many feeds need no second look

    json.loads(text, object_pairs_hook=_require_unique, parse_int=str, parse_float=str)


def _require_unique(members: Sequence[tuple[str, Any]]) -> None:
    if len(dict(members)) == len(members):
        return
    names = set()
    for name, _ in members:
        if name in names:
            raise Repeated(name)
        names.add(name)
