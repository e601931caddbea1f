"""Cursors are opaque, contain a position, and are accepted only by the list that returned them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

from chassis.errors import Malformed
from chassis.web.pagination import PAGE_BYTES, Paging, Walk


class Filtered(Paging, frozen=True, kw_only=True):
    colour: str | None = None


def walk(
    cursor: str | UnsetType = UNSET, *, listing: str = "tubes", limit: int = 2, **filters: Any
) -> Walk[int]:
    return Walk(listing, Filtered(limit=limit, cursor=cursor, **filters), int, 0)


def positions(name: str, first: tuple[int, str], cursor: str | UnsetType) -> Walk[tuple[int, str]]:
    return Walk(name, Paging(cursor=cursor), tuple[int, str], first)


@given(st.tuples(st.integers(-(2**63), 2**63 - 1), st.text()))
def test_a_cursor_contains_its_position(position: tuple[int, str]) -> None:
    cursor = positions("list", (0, ""), UNSET).cursor(position)
    assert positions("list", (0, ""), cursor).after == position


@pytest.mark.parametrize("cursor", [UNSET, ""])
def test_no_cursor_or_an_empty_one_means_the_first_page(cursor: str | UnsetType) -> None:
    assert Walk("list", Paging(cursor=cursor), int, -1).after == -1


@pytest.mark.parametrize("cursor", ["!", "é", "AAAA", "bnVsbA", "W10", "WzFd", "MTI=x", "12345", "WyJ4Il0"])
def test_a_cursor_that_no_list_has_returned_is_malformed(cursor: str) -> None:
    with pytest.raises(Malformed, match="Send `next` of the previous page"):
        walk(cursor)


def test_a_position_of_another_type_is_malformed() -> None:
    with pytest.raises(Malformed, match="Send `next` of the previous page"):
        walk(Walk("tubes", Filtered(), str, "").cursor("text"))


@pytest.mark.parametrize("other", [{"listing": "racks"}, {"colour": "blue"}, {"colour": None}])
def test_a_cursor_of_another_list_or_other_filters_is_malformed(other: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match="with the same other parameters"):
        walk(walk(colour="red").cursor(7), **{"colour": "red", **other})


def test_the_limit_may_change_between_pages() -> None:
    assert walk(walk(limit=2).cursor(7), limit=50).after == 7


def test_a_full_page_has_the_cursor_of_the_next_page() -> None:
    page = json.loads(walk().page([(7, b"{}"), (8, b"{}"), (9, b"{}")]))
    assert len(page["items"]) == 2
    assert walk(page["next"]).after == 8


def test_the_last_page_has_no_next_even_when_it_is_full() -> None:
    assert json.loads(walk().page([(7, b"{}"), (8, b"{}")])) == {"items": [{}, {}]}


def test_a_page_ends_at_the_size_limit() -> None:
    item = b'"' + b"x" * (PAGE_BYTES // 4 - 2) + b'"'
    rows = [(position, item) for position in range(1, 8)]
    page = json.loads(walk(limit=100).page(rows))
    assert len(page["items"]) == 4
    assert walk(page["next"]).after == 4
    longer = b'"' + b"x" * (PAGE_BYTES // 4 - 1) + b'"'
    assert len(json.loads(walk(limit=100).page([(1, longer), *rows[1:]]))["items"]) == 3


def test_a_page_has_at_least_one_item_of_any_size() -> None:
    item = b'"' + b"x" * PAGE_BYTES + b'"'
    first = json.loads(walk(limit=100).page([(1, item), (2, item)]))
    assert (len(first["items"]), walk(first["next"]).after) == (1, 1)
    assert "next" not in json.loads(walk(limit=100).page([(2, item)]))


def test_an_empty_list_is_an_empty_page() -> None:
    assert json.loads(walk(limit=50).page([])) == {"items": []}
