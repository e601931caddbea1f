"""The page to which a person returns after signing in. A link can name any page, so only our own are accepted."""

import posixpath
import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

HOME = "/"

LONGEST = 500
"""Maximum number of characters. Each attempt to sign in has one in a cookie, and proxies limit the size of cookies."""

PRINTABLE = re.compile(r"/[!-~]*")
"""Printable ASCII, as a browser sends a path."""


class NextPage:
    """Decides about the parameter `next`.

    Args:
        prefixes: path prefixes of our own pages, such as `/inventory`.
        excluded: paths of pages that would lead back to signing in or out.
    """

    def __init__(self, prefixes: Sequence[str], excluded: Sequence[str]) -> None:
        self._prefixes = prefixes
        self._excluded = excluded

    def choose(self, given: str) -> str:
        """The page to return to: the given path and query if it is a page of ours, otherwise the start page."""
        return given if self._is_ours(given) else HOME

    def _is_ours(self, given: str) -> bool:
        if len(given) > LONGEST or not PRINTABLE.fullmatch(given) or not _is_plain(given):
            return False
        try:
            parts = urlsplit(given)
        except ValueError:
            return False
        path = parts.path
        if parts.scheme or parts.netloc or parts.fragment:
            return False
        # What a browser or a proxy makes of `/./` and of encoded letters
        if _below(posixpath.normpath(unquote(unquote(path))), self._excluded):
            return False
        return path == HOME or _below(path, self._prefixes)


def _below(path: str, prefixes: Sequence[str]) -> bool:
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in prefixes)


def _is_plain(given: str) -> bool:
    r"""Whether a path and query hold nothing that a browser may read as another host.

    A browser reads `\` as `/`, skips control characters, and resolves `..`; the same encoded is refused too, because a
    proxy may decode it.
    """
    path = given.partition("?")[0]
    decoded = unquote(unquote(path))
    if any(part in one for one in (path, decoded) for part in ("//", "\\")):
        return False
    if ".." in decoded.split("/"):
        return False
    return all(character.isprintable() for character in unquote(unquote(given)))
