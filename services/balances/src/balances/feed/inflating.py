"""Decoding of the content coding gzip (RFC 1952): one or more members, and nothing after them."""

import zlib
from collections.abc import Iterator

PIECE = 256 * 1024
"""Maximum number of bytes that are inflated in one step."""

GZIP = zlib.MAX_WBITS | 16


class Inflater:
    """Inflates chunks as they arrive, in pieces of a bounded size.

    Raises:
        zlib.error: the data is not gzip.
    """

    def __init__(self) -> None:
        self._member = zlib.decompressobj(GZIP)

    @property
    def complete(self) -> bool:
        """Whether the last member is complete."""
        return self._member.eof

    def inflate(self, chunk: bytes) -> Iterator[bytes]:
        """The pieces that a chunk inflates to."""
        while chunk:
            if self._member.eof:
                self._member = zlib.decompressobj(GZIP)
            yield self._member.decompress(chunk, PIECE)
            chunk = self._member.unused_data or self._member.unconsumed_tail
