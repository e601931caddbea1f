"""SQL statements in `.sql` files, in named blocks.

A block starts with `-- name: get_site`; the comment lines below describe it. Parameters are written `%(name)s`, as
psycopg does. A block that starts with `-- fragment: site_json` is a part of other blocks: it replaces `{site_json}` in
later blocks of the file.

A list that can be sorted and filtered is one block, `-- list: page`, with holes for what depends on the request:

- `{order}` is the order of a block `-- sort: created_at`. That block has one expression on each line; the last ones
  make the order unique, such as `id`.
- `{position}` is the value of these expressions in a row, and `{following}` the condition that a row comes after the
  position in the parameters `after_1`, `after_2`, ….
- `{conditions}` are the conditions of the blocks `-- condition: site_id` that the request needs.

`statement` fills the holes. It takes names of blocks only, so all SQL is in the file.
"""

import re
from collections.abc import Iterable, Iterator
from importlib.resources import files

BLOCK = re.compile(r"^-- (name|fragment|list|sort|condition): (\w+)\s*$", re.MULTILINE)
INCLUDED = re.compile(r"\{([a-z_]\w*)\}")
HOLES = ("order", "position", "following", "conditions")


class Queries:
    """The blocks of one file. Those that `statement` does not need are attributes: `sites.get_site`."""

    def __init__(self, package: str, path: str) -> None:
        text = files(package).joinpath(path).read_text(encoding="utf-8")
        self._path = path
        self._blocks: dict[str, bytes] = {}
        self._filled: dict[tuple[object, ...], bytes] = {}
        self.lists: dict[str, str] = {}
        """The statements with holes, by name."""
        self.sorts: dict[str, list[str]] = {}
        """The expressions of each order, by name."""
        self.conditions: dict[str, str] = {}
        """The conditions, by name."""
        fragments: dict[str, str] = {}
        for kind, name, body in _split(text):
            sql = self._with_fragments(kind, name, body, fragments)
            if kind == "sort":
                self.sorts[name] = sql.splitlines()
            elif kind == "condition":
                self.conditions[name] = f"({sql})"
            else:
                self._add(kind, name, sql, fragments)
        if not self._blocks:
            raise ValueError(f"{path}: each block needs a name, and this file has no block")

    def _with_fragments(self, kind: str, name: str, body: str, fragments: dict[str, str]) -> str:
        stay = {hole: f"{{{hole}}}" for hole in HOLES} if kind in ("list", "fragment") else {}
        try:
            return INCLUDED.sub(lambda match: (fragments | stay)[match[1]], body)
        except KeyError as error:
            raise ValueError(
                f"{self._path}: {name!r} includes {error}, and no fragment above it has that name"
            ) from None

    def _add(self, kind: str, name: str, sql: str, fragments: dict[str, str]) -> None:
        if name in self._blocks:
            raise ValueError(f"{self._path}: each block needs a name; two blocks are called {name!r}")
        if kind == "fragment":
            fragments[name] = sql
        elif kind == "list":
            self.lists[name] = sql
        self._blocks[name] = sql.encode()

    def __getattr__(self, name: str) -> bytes:
        """The SQL of the block with that name."""
        try:
            return self._blocks[name]
        except KeyError:
            raise AttributeError(name) from None

    def statement(
        self,
        name: str,
        sort: str,
        conditions: Iterable[str] = (),
        *,
        descending: bool = False,
        following: bool = False,
    ) -> bytes:
        """The SQL of a block with holes.

        Args:
            name: name of the block.
            sort: name of the order.
            conditions: names of the conditions; a row must fulfil all of them.
            descending: whether the order is reversed.
            following: whether the rows after a position are wanted, and not the first ones.
        """
        used = tuple(sorted(conditions))
        key = (name, sort, used, descending, following)
        if key not in self._filled:
            filled = {
                **_order(self.sorts[sort], descending, following),
                "conditions": " and ".join(self.conditions[one] for one in used) or "true",
            }
            sql = INCLUDED.sub(lambda match: filled[match[1]], self.lists[name])
            self._filled[key] = sql.encode()
        return self._filled[key]


def _order(expressions: list[str], descending: bool, following: bool) -> dict[str, str]:
    listed = ", ".join(expressions)
    values = ", ".join(f"%(after_{number})s" for number, _ in enumerate(expressions, 1))
    return {
        "order": ", ".join(f"{one} desc" if descending else one for one in expressions),
        "position": listed if len(expressions) == 1 else f"json_build_array({listed})",
        "following": f"({listed}) {'<' if descending else '>'} ({values})" if following else "true",
    }


def _split(text: str) -> Iterator[tuple[str, str, str]]:
    """Kind, name and SQL of each block."""
    _, *parts = BLOCK.split(text)
    for kind, name, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        yield kind, name, _without_comments(body)


def _without_comments(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if not line.startswith("--")).strip()
