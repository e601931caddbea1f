"""Statements with optional lines: each request for a list runs only the conditions that it needs.

A line that ends with a comment like these is optional:

    and category = %(category)s -- if category
    and position > %(after)s -- if after and sort is position
    from balances.day -- unless category or vendor

The first line is kept if the parameter `category` is given, that is, not None; the second if `after` is given and
`sort` has the value `position`; the third if neither `category` nor `vendor` is given. So PostgreSQL plans each
combination of filters and each order separately, and can use an index for it.
"""

import re
from collections.abc import Mapping

_OPTIONAL = re.compile(r"^(?P<sql>.*?)\s*-- (?P<kind>if|unless) (?P<condition>.+)$")


def with_lines_for(statement: bytes, parameters: Mapping[str, object]) -> bytes:
    """The statement with the lines that apply to these parameters."""
    lines = (_line_for(line, parameters) for line in statement.decode().splitlines())
    return "\n".join(line for line in lines if line is not None).encode()


def _line_for(line: str, parameters: Mapping[str, object]) -> str | None:
    match = _OPTIONAL.match(line)
    if match is None:
        return line
    holds = any(
        all(_is_given(one, parameters) for one in several.split(" and "))
        for several in match["condition"].split(" or ")
    )
    return match["sql"] if holds == (match["kind"] == "if") else None


def _is_given(condition: str, parameters: Mapping[str, object]) -> bool:
    name, _, value = condition.partition(" is ")
    found = parameters[name]
    return found == value if value else found is not None
