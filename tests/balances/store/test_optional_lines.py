"""Optional lines of statements."""

import pytest

from balances.store.optional_lines import with_lines_for

STATEMENT = b"""select *
from few -- unless category or vendor
from many -- if category or vendor
where true
    and category = %(category)s -- if category
    and vendor = %(vendor)s -- if vendor
order by
    name -- if sort is name
    name desc -- if sort is -name
    , id -- if vendor and sort is name"""


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (
            {"category": None, "vendor": None, "sort": "name"},
            "select * from few where true order by name",
        ),
        (
            {"category": "", "vendor": None, "sort": "-name"},
            "select * from many where true and category = %(category)s order by name desc",
        ),
        (
            {"category": None, "vendor": "x", "sort": "name"},
            "select * from many where true and vendor = %(vendor)s order by name , id",
        ),
    ],
)
def test_a_statement_has_the_lines_that_apply_to_its_parameters(
    parameters: dict[str, object], expected: str
) -> None:
    assert with_lines_for(STATEMENT, parameters).decode().split() == expected.split()


def test_a_line_about_an_unknown_parameter_is_an_error() -> None:
    with pytest.raises(KeyError, match="colour"):
        with_lines_for(b"select 1 -- if colour", {})
