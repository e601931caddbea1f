"""The lists can be searched, filtered, sorted and counted, in every combination."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from tests.balances.answers import pages, problem
from tests.balances.feed_server import Feeds

from balances.store.lists import MOST_NAMES

Service = Callable[..., TestClient]
Item = dict[str, Any]

FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "q": st.sampled_from(["cab", "CAB", " Office ", "a", "apple store", "no such text", "%", "_", " "]),
        "category": st.sampled_from(["", "Office Expense", "Auto Expense", "None"]),
        "vendor": st.sampled_from(
            ["YELLOW CAB CO LTD VANCOUVER BC", "BLACK TOP CABS VANCOUVER BC", "yellow cab"]
        ),
        "direction": st.sampled_from(["in", "out"]),
        "from": st.sampled_from(["2013-12-13", "2013-12-18", "2013-12-20"]),
        "to": st.sampled_from(["2013-12-20", "2013-12-21", "2020-01-01"]),
    },
)
KEYS: dict[str, dict[str, Callable[[Item], Any]]] = {
    "/v1/transactions": {
        "position": lambda item: item["position"],
        "date": lambda item: (item["date"], item["position"]),
        "amount": lambda item: (Decimal(item["amount"]), item["position"]),
    },
    "/v1/balances/daily": {"date": lambda item: item["date"]},
    "/v1/categories": {
        "name": lambda item: item["name"],
        "total": lambda item: (Decimal(item["total"]), item["name"]),
        "transactions": lambda item: (item["transactions"], item["name"]),
    },
    "/v1/vendors": {
        "name": lambda item: (item["clean"], item["raw"]),
        "total": lambda item: (Decimal(item["total"]), item["clean"], item["raw"]),
        "transactions": lambda item: (item["transactions"], item["clean"], item["raw"]),
    },
}
"""The lists that can be sorted: what each order compares."""
ORDERS = [(path, sign + name) for path, names in KEYS.items() for name in names for sign in ("", "-")]


def total_of(items: Sequence[Item], member: str = "amount") -> str:
    """The sum of an amount of all items, with two digits after the point."""
    return f"{sum((Decimal(item[member]) for item in items), Decimal(0)):.2f}"


def in_order(path: str, items: list[Item], sort: str) -> list[Item]:
    """The items in an order of the list."""
    return sorted(items, key=KEYS[path][sort.removeprefix("-")], reverse=sort.startswith("-"))


def matches(item: Item, clean: dict[str, str], filters: dict[str, str]) -> bool:
    """Whether a transaction matches the filters."""
    text = filters.get("q", "").strip().lower()
    amount = Decimal(item["amount"])
    return (
        any(text in name.lower() for name in (item["category"], item["vendor"], clean[item["vendor"]]))
        and filters.get("category", item["category"]) == item["category"]
        and filters.get("vendor", item["vendor"]) == item["vendor"]
        and filters.get("from", "") <= item["date"] <= filters.get("to", "9999")
        and {"in": amount > 0, "out": amount < 0, None: True}[filters.get("direction")]
    )


@settings(deadline=None)
@given(filters=FILTERS, sort=st.sampled_from(list(KEYS["/v1/transactions"])), descending=st.booleans())
def test_every_combination_of_filters_and_orders_gives_exactly_the_items_that_match(
    sample: Any, filters: dict[str, str], sort: str, descending: bool
) -> None:
    client, path = sample.client, "/v1/transactions"
    sort = f"-{sort}" if descending else sort
    clean = {vendor["raw"]: vendor["clean"] for vendor in pages(client, "/v1/vendors", limit=1000)}
    everything = pages(client, path, limit=1000)
    expected = in_order(path, [item for item in everything if matches(item, clean, filters)], sort)
    assert pages(client, path, **filters, sort=sort, limit=7) == expected
    answer = client.get(path, params={**filters, "sort": sort, "count": "true", "limit": 1}).json()
    assert answer["count"] == len(expected)
    if set(filters) - {"q"} or filters.get("q", "").strip():
        assert (answer["filtered_total"], answer["feed_total"]) == (total_of(expected), "18377.16")
    else:
        assert answer["total"] == total_of(expected)


@pytest.mark.parametrize(("path", "sort"), ORDERS)
@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_pages_of_any_size_follow_the_order(sample: Any, path: str, sort: str, limit: int) -> None:
    everything = pages(sample.client, path)
    assert pages(sample.client, path, sort=sort, limit=limit) == in_order(path, everything, sort)


@pytest.mark.parametrize(
    ("path", "default"),
    [
        ("/v1/transactions", "position"),
        ("/v1/balances/daily", "date"),
        ("/v1/categories", "name"),
        ("/v1/vendors", "name"),
    ],
)
def test_the_default_order_can_be_named(sample: Any, path: str, default: str) -> None:
    assert (
        sample.client.get(path, params={"sort": default}).json()["items"]
        == sample.client.get(path).json()["items"]
    )


@pytest.mark.parametrize("text", ["expense", "OFFICE", "no such text", "%", " travel "])
def test_categories_can_be_searched_by_name(sample: Any, text: str) -> None:
    expected = [
        item
        for item in pages(sample.client, "/v1/categories")
        if text.strip().lower() in item["name"].lower()
    ]
    answer = sample.client.get("/v1/categories", params={"q": text, "count": "true"}).json()
    assert (answer["items"], answer["count"]) == (expected, len(expected))
    assert (answer["filtered_total"], answer["feed_total"]) == (total_of(expected, "total"), "18377.16")


@pytest.mark.parametrize("text", ["cab", "#r280", "APPLE STORE", "no such text", "_"])
def test_vendors_can_be_searched_by_raw_and_clean_name(sample: Any, text: str) -> None:
    expected = [
        item
        for item in pages(sample.client, "/v1/vendors")
        if text.lower() in item["raw"].lower() or text.lower() in item["clean"].lower()
    ]
    answer = sample.client.get("/v1/vendors", params={"q": text, "count": "true"}).json()
    assert (answer["items"], answer["count"]) == (expected, len(expected))
    assert answer["filtered_total"] == total_of(expected, "total")


def test_a_clean_name_finds_the_transactions_of_all_its_raw_names(service: Service, feeds: Feeds) -> None:
    rows = [feeds.row(Company=name) for name in ("LD 78 POSTAL", "OTHER", "LD 79 POSTAL")]
    client = service(
        main={
            "url": feeds.serve(feeds.paged(rows, 10)).url,
            "aliases": {"LD 78 POSTAL": "LONDON DRUGS", "LD 79 POSTAL": "LONDON DRUGS"},
        }
    )
    client.post("/v1/refresh").raise_for_status()
    found = client.get("/v1/transactions?q=london drugs").json()["items"]
    assert [item["vendor"] for item in found] == ["LD 78 POSTAL", "LD 79 POSTAL"]


@pytest.mark.parametrize(
    ("path", "filters", "count"),
    [
        ("/v1/transactions", {}, 38),
        ("/v1/transactions", {"category": "Office Expense", "from": "2013-12-14"}, 2),
        ("/v1/balances/daily", {}, 10),
        ("/v1/balances/daily", {"to": "2013-12-13"}, 2),
        ("/v1/vendors", {}, 28),
        ("/v1/repeats", {}, 2),
    ],
)
def test_items_are_counted_only_if_the_request_asks_for_it(
    sample: Any, path: str, filters: dict[str, str], count: int
) -> None:
    client = sample.client
    assert client.get(path, params={**filters, "count": "true", "limit": "1"}).json()["count"] == count
    for parameters in ({}, {"count": "false"}):
        assert "count" not in client.get(path, params={**filters, **parameters}).json()


NAMES = [
    "",
    " ",
    "A/B & C",
    "50% off_now",
    "50 off now",
    "a+b=c?d#e",
    'say "cheese"',
    "it's \\ back",
    "line\nbreak\ttab",
    "Ünïcödé 😀",
    "<script>",
    "null",
    "\u202eright to left",
    "x" * 500,
    "😀" * 500,
]


@pytest.mark.parametrize(
    ("path", "name", "parameter"), [("vendors", "raw", "vendor"), ("categories", "name", "category")]
)
def test_each_vendor_and_category_leads_to_its_transactions(
    service: Service, feeds: Feeds, path: str, name: str, parameter: str
) -> None:
    rows = [
        feeds.row(Company=text, Ledger=text[::-1], Amount=f"{number}.{n}")
        for n, text in enumerate(NAMES)
        for number in range(n, n + 2)
    ]
    client = service(main=feeds.serve(feeds.paged(rows, 100)).url)
    client.post("/v1/refresh").raise_for_status()
    listed = client.get(f"/v1/{path}").json()["items"]
    assert len(listed) == len(NAMES)
    for item in listed:
        answer = client.get(f"/v1/transactions?{parameter}={quote(item[name], safe='')}").json()
        assert {one[parameter] for one in answer["items"]} == {item[name]}
        assert len(answer["items"]) == item["transactions"]
        assert answer["filtered_total"] == item["total"]


def test_a_search_takes_every_character_as_it_is(service: Service, feeds: Feeds) -> None:
    rows = [feeds.row(Company=text) for text in NAMES]
    client = service(main=feeds.serve(feeds.paged(rows, 100)).url)
    client.post("/v1/refresh").raise_for_status()
    for text in ("%", "_", "\\", "50% OFF_", "'s", "\n", "üNÏ", "😀", "\\%"):
        found = client.get("/v1/transactions", params={"q": text}).json()["items"]
        expected = [name for name in NAMES if text.strip().lower() in name.lower()]
        assert [item["vendor"] for item in found] == expected, text


@pytest.mark.parametrize(
    "query",
    [
        "sort=colour",
        "sort=",
        "sort=--date",
        "direction=up",
        "direction=",
        "count=maybe",
        "q=%00",
        f"q={'x' * 201}",
        f"vendor={'x' * 501}",
        "vendor=%00",
    ],
)
def test_an_invalid_option_is_a_problem(sample: Any, query: str) -> None:
    assert problem(sample.client.get(f"/v1/transactions?{query}"), 422)


@pytest.mark.parametrize("changed", [{"sort": "-amount"}, {"direction": "in"}, {"q": "b"}, {"vendor": "x"}])
def test_a_cursor_is_refused_for_other_options(sample: Any, changed: dict[str, str]) -> None:
    asked = {"sort": "amount", "q": "a", "limit": "1"}
    cursor = sample.client.get("/v1/transactions", params=asked).json()["next"]
    answer = sample.client.get("/v1/transactions", params={**asked, **changed, "cursor": cursor})
    assert "does not belong to this list with these filters" in problem(answer, 400)


def test_a_search_that_finds_very_many_vendors_is_exact(service: Service, feeds: Feeds) -> None:
    rows = [feeds.row(Company=f"SHOP {n}", Amount="0.01") for n in range(MOST_NAMES + 1)]
    client = service(main=feeds.serve(feeds.paged(rows, 1000)).url)
    client.post("/v1/refresh").raise_for_status()
    answer = client.get("/v1/transactions?q=shop&count=true").json()
    assert (answer["count"], answer["filtered_total"]) == (MOST_NAMES + 1, "20.01")
