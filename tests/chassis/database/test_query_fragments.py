"""A fragment is a part of a `.sql` file that several statements include."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chassis.database.queries import Queries

Parse = Callable[[str], Queries]


@pytest.fixture
def parse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Parse:
    """The blocks of a file with that text."""
    monkeypatch.syspath_prepend(str(tmp_path))
    name = f"fragments_{tmp_path.name.replace('-', '_')}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()

    def write(text: str) -> Queries:
        (tmp_path / name / "q.sql").write_text(text)
        sys.modules.pop(name, None)
        return Queries(name, "q.sql")

    return write


def test_a_fragment_replaces_its_name_in_a_block(parse: Parse) -> None:
    queries = parse(
        "-- fragment: stamp\n-- When.\nnow()\n\n-- fragment: pair\n1, {stamp}\n\n-- name: get\nselect {pair}\n"
    )
    assert queries.get == b"select 1, now()"
    assert (queries.stamp, queries.pair) == (b"now()", b"1, now()")


def test_braces_without_the_name_of_a_fragment_stay(parse: Parse) -> None:
    assert parse("-- name: get\nselect '{}', '{1,2}'::integer[]").get == b"select '{}', '{1,2}'::integer[]"


@pytest.mark.parametrize(
    "text",
    [
        "-- name: get\nselect {row}",
        "-- name: get\nselect {row}\n-- fragment: row\n1",
        "-- name: row\nselect {row}",
    ],
)
def test_a_fragment_below_the_block_that_includes_it_is_refused(parse: Parse, text: str) -> None:
    with pytest.raises(ValueError, match="includes 'row', and no fragment above it has that name"):
        parse(text)


def test_a_fragment_and_a_block_with_the_same_name_are_refused(parse: Parse) -> None:
    with pytest.raises(ValueError, match="each block needs a name; two blocks are called 'row'"):
        parse("-- fragment: row\n1\n-- name: row\nselect 2")
