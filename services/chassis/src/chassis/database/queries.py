"""SQL statements in `.sql` files, in named blocks.

A block starts with `-- name: get_site`; the comment lines below describe it. Parameters are written `%(name)s`, as
psycopg does. A block that starts with `-- fragment: site_json` is a part of other blocks: it replaces `{site_json}` in
later blocks of the file.
"""

import re
from collections.abc import Iterator
from importlib.resources import files

BLOCK = re.compile(r"^-- (name|fragment): (\w+)\s*$", re.MULTILINE)
INCLUDED = re.compile(r"\{([a-z_]\w*)\}")


class Queries:
    """The blocks of one file, including fragments, as attributes: `sites.get_site`."""

    def __init__(self, package: str, path: str) -> None:
        text = files(package).joinpath(path).read_text(encoding="utf-8")
        self._blocks: dict[str, bytes] = {}
        fragments: dict[str, str] = {}
        for kind, name, body in _split(text):
            if name in self._blocks:
                raise ValueError(f"{path}: each block needs a name; two blocks are called {name!r}")
            try:
                sql = INCLUDED.sub(lambda match: fragments[match[1]], body)
            except KeyError as error:
                raise ValueError(
                    f"{path}: {name!r} includes {error}, and no fragment above it has that name"
                ) from None
            if kind == "fragment":
                fragments[name] = sql
            self._blocks[name] = sql.encode()
        if not self._blocks:
            raise ValueError(f"{path}: each block needs a name, and this file has no block")

    def __getattr__(self, name: str) -> bytes:
        """The SQL of the block with that name."""
        try:
            return self._blocks[name]
        except KeyError:
            raise AttributeError(name) from None


def _split(text: str) -> Iterator[tuple[str, str, str]]:
    """Kind, name and SQL of each block."""
    _, *parts = BLOCK.split(text)
    for kind, name, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        yield kind, name, _without_comments(body)


def _without_comments(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if not line.startswith("--")).strip()
