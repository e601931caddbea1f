"""SQL kept in `.sql` files of named blocks.

A block starts with `-- name: get_site`; comment lines below it say what it is for. Parameters are psycopg's
`%(name)s`.
"""

import re
from importlib.resources import files

BLOCK = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


class Queries:
    """The blocks of one file, as attributes: `sites.get_site`."""

    def __init__(self, package: str, path: str) -> None:
        text = files(package).joinpath(path).read_text(encoding="utf-8")
        _, *parts = BLOCK.split(text)
        names = parts[::2]
        if len(set(names)) != len(names) or not names:
            raise ValueError(f"{path}: each block needs a name of its own, and there must be one")
        self._blocks = {
            name: _without_comments(body).encode() for name, body in zip(names, parts[1::2], strict=True)
        }

    def __getattr__(self, name: str) -> bytes:
        """The SQL of the block with that name."""
        try:
            return self._blocks[name]
        except KeyError:
            raise AttributeError(name) from None


def _without_comments(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if not line.startswith("--")).strip()
