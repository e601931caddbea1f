"""Cursors are opaque, survive a round trip, and are refused when this service did not make them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import pagination
from chassis.errors import Malformed


@given(st.tuples(st.integers(-(2**63), 2**63 - 1), st.text()))
def test_a_position_comes_back_out_of_its_cursor(position: tuple[int, str]) -> None:
    assert pagination.decode(pagination.encode(position), tuple[int, str], (0, "")) == position


def test_no_cursor_means_the_first_page() -> None:
    assert pagination.decode(None, int, -1) == -1


@pytest.mark.parametrize("cursor", ["", "!", "é", "AAAA", pagination.encode("text"), "MTI=x", "12345"])
def test_a_foreign_cursor_is_malformed(cursor: str) -> None:
    with pytest.raises(Malformed, match="Take `next`"):
        pagination.decode(cursor, int, 0)


def test_a_full_page_says_where_the_next_one_starts() -> None:
    page = json.loads(pagination.page([(7, b"{}"), (8, b"{}"), (9, b"{}")], 2))
    assert len(page["items"]) == 2
    assert pagination.decode(page["next"], int, 0) == 8


def test_the_last_page_has_no_next_even_when_it_is_full() -> None:
    assert json.loads(pagination.page([(7, b"{}"), (8, b"{}")], 2)) == {"items": [{}, {}]}


def test_an_empty_list_is_an_empty_page() -> None:
    assert json.loads(pagination.page([], 50)) == {"items": []}
