"""The links of a list page."""

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from chassis.pages.lists import ListView


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """The query of a list."""

    limit: int = 50
    cursor: str | UnsetType = UNSET
    total: bool = False
    sort: str = "id"
    q: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET


def view(query: Filters, following: str | UnsetType = UNSET) -> ListView[str]:
    return ListView("/ui/tubes", query, ["a"], following, 1)


def test_the_next_page_keeps_filters_and_order_and_has_the_cursor() -> None:
    shown = view(Filters(q="pUC 19&", sort="-name", total=True), "abc")
    assert shown.next == "/ui/tubes?q=pUC+19%26&sort=-name&cursor=abc"


def test_the_last_page_has_no_next_page() -> None:
    assert view(Filters()).next is None


def test_only_a_later_page_links_to_the_first_one() -> None:
    assert view(Filters()).first is None
    assert view(Filters(cursor="abc", q="x")).first == "/ui/tubes?q=x&sort=id"


@pytest.mark.parametrize(
    ("sort", "href", "direction"),
    [
        ("id", "/ui/tubes?sort=name", "none"),
        ("name", "/ui/tubes?sort=-name", "ascending"),
        ("-name", "/ui/tubes?sort=name", "descending"),
    ],
)
def test_a_column_sorts_and_then_the_other_way_round(sort: str, href: str, direction: str) -> None:
    link = view(Filters(sort=sort)).sorted_by("name")
    assert (link.href, link.direction) == (href, direction)


def test_the_csv_has_the_same_filters_and_order_but_no_cursor() -> None:
    assert view(Filters(cursor="abc", active=True, sort="name")).csv == "/ui/tubes.csv?active=true&sort=name"


def test_sorting_is_not_a_filter() -> None:
    assert view(Filters(sort="-name")).filters == {}
    assert view(Filters(active=False)).value("active") == "false"
