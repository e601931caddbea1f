"""A list is one block with holes, which `statement` fills with the blocks of an order and of conditions."""

import pytest
from tests.chassis.database.test_query_fragments import Parse, parse

__all__ = ["parse"]

FILE = """
-- fragment: width
over (order by {order})

-- sort: id
id

-- sort: name
-- Short.
upper(name)
id

-- condition: kind
kind = %(kind)s

-- condition: q
a ~ %(q)s
or b ~ %(q)s

-- list: page
select {position} from box where {following} and {conditions} order by {order}

-- list: count
select count(*) {width} from box where {conditions}
"""


def test_a_list_is_read_from_the_start(parse: Parse) -> None:
    found = parse(FILE).statement("page", "id")
    assert found == b"select id from box where true and true order by id"


def test_a_list_is_read_backwards_from_a_position(parse: Parse) -> None:
    found = parse(FILE).statement("page", "id", descending=True, following=True)
    assert found == b"select id from box where (id) < (%(after_1)s) and true order by id desc"


def test_an_order_may_have_several_expressions(parse: Parse) -> None:
    found = parse(FILE).statement("page", "name", following=True)
    assert found == (
        b"select json_build_array(upper(name), id) from box"
        b" where (upper(name), id) > (%(after_1)s, %(after_2)s) and true order by upper(name), id"
    )


def test_a_row_fulfils_all_conditions(parse: Parse) -> None:
    found = parse(FILE).statement("page", "id", ["q", "kind"])
    assert b"where true and (kind = %(kind)s) and (a ~ %(q)s\nor b ~ %(q)s) order" in found


def test_a_fragment_of_a_list_may_have_its_order(parse: Parse) -> None:
    found = parse(FILE).statement("count", "name", descending=True)
    assert found == b"select count(*) over (order by upper(name) desc, id desc) from box where true"


@pytest.mark.parametrize("names", [("page", "colour", []), ("page", "id", ["colour"]), ("pages", "id", [])])
def test_a_name_that_the_file_does_not_have_is_an_error(
    parse: Parse, names: tuple[str, str, list[str]]
) -> None:
    with pytest.raises(KeyError):
        parse(FILE).statement(*names)


def test_only_a_list_may_have_holes(parse: Parse) -> None:
    with pytest.raises(ValueError, match="'get' includes 'order'"):
        parse("-- name: get\nselect 1 order by {order}")
