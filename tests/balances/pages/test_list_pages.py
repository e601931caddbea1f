"""The pages of the lists: what they show, their filters, and the same lists as CSV."""

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.balances.answers import pages
from tests.balances.feed_server import Feeds
from tests.balances.shown import Shown

Service = Callable[..., TestClient]

LISTS = {
    "days": "/v1/balances/daily",
    "transactions": "/v1/transactions",
    "categories": "/v1/categories",
    "vendors": "/v1/vendors",
    "duplicates": "/v1/repeats",
}


@pytest.fixture
def client(sample: Any) -> TestClient:
    """The service with a snapshot of the sample feed, for tests that change nothing."""
    assert isinstance(sample.client, TestClient)
    return sample.client


def csv_rows(client: TestClient, path: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    answer = client.get(path)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_days_have_their_sum_and_balance_with_the_latest_first(client: TestClient) -> None:
    shown = Shown(client, "/ui/days")
    assert "10 days with transactions, together 18,377.16 CAD" in shown.text
    assert shown.rows[0] == ["22 Dec 2013", "1 transactions on 2013-12-22", "-110.71", "18,377.16"]
    assert shown.rows[-1][-1] == "-227.35"


def test_a_day_links_to_its_transactions(client: TestClient) -> None:
    link = "/balances/ui/transactions?from=2013-12-21&to=2013-12-21"
    assert link in Shown(client, "/ui/days").links
    assert "2 transactions, together -17.98 CAD" in Shown(client, link).text


def test_transactions_are_counted_and_summed_at_the_top(client: TestClient) -> None:
    shown = Shown(client, "/ui/transactions")
    assert "38 transactions, together 18,377.16 CAD" in shown.text
    assert shown.rows[0] == [
        *("22 Dec 2013", "SHAW CABLESYSTEMS SHAW CABLESYSTEMS CALGARY AB"),
        *("Phone & Internet Expense", "-110.71"),
    ]


@pytest.mark.parametrize(
    ("query", "top"),
    [
        ({"q": "cab"}, "5 transactions, together -340.61 CAD"),
        ({"q": "cab", "direction": "in"}, ""),
        ({"direction": "in"}, "5 transactions, together 35,914.08 CAD"),
        ({"category": "Auto Expense"}, "2 transactions, together -66.52 CAD"),
        ({"vendor": "NESTERS MARKET #x0064 VANCOUVER BC"}, "3 transactions, together -135.76 CAD"),
        ({"from": "2013-12-21"}, "3 transactions, together -128.69 CAD"),
        ({"to": "2013-12-12"}, "4 transactions, together -227.35 CAD"),
    ],
)
def test_filtered_transactions_have_their_own_sum_beside_the_total(
    client: TestClient, query: dict[str, str], top: str
) -> None:
    text = Shown(client, "/ui/transactions", query).text
    if top:
        assert top in text
        assert "The total of the feed is 18,377.16 CAD." in text
    else:
        assert "No transaction matches" in text


def test_transactions_can_be_sorted_by_amount(client: TestClient) -> None:
    assert Shown(client, "/ui/transactions", {"sort": "-amount"}).column(3)[:2] == ["20,000.00", "10,000.00"]
    assert Shown(client, "/ui/transactions", {"sort": "amount"}).column(3)[0] == "-5,518.17"


def test_transactions_without_a_category_are_found_by_their_link(client: TestClient) -> None:
    link = "/balances/ui/transactions?category=%22%22"
    assert link in Shown(client, "/ui/categories").links
    assert "4 transactions, together 35,907.85 CAD" in Shown(client, link).text


def test_an_empty_filter_of_the_form_means_all(client: TestClient) -> None:
    query = {"q": "", "category": "", "vendor": "", "direction": "", "from": "", "to": "", "sort": "-date"}
    assert "38 transactions, together" in Shown(client, "/ui/transactions", query).text


def test_the_chosen_filters_stay_in_the_form(client: TestClient) -> None:
    html = Shown(client, "/ui/transactions", {"category": '""', "direction": "out", "sort": "amount"}).html
    for chosen in ('value="&#34;&#34;" selected', 'value="out" selected', 'value="amount" selected'):
        assert chosen in html


@pytest.mark.parametrize("page", ["days", "transactions"])
def test_dates_in_the_wrong_order_are_an_error_page(client: TestClient, page: str) -> None:
    query = {"from": "2013-12-22", "to": "2013-12-12"}
    assert "Exchange the two dates." in Shown(client, f"/ui/{page}", query, status=422).text
    assert client.get(f"/ui/{page}.csv", params=query).status_code == 422


@pytest.mark.parametrize(
    "query", ["category=%00", "vendor=%22%00%22", "category=%22%5Cu0000%22", "q=%00", "from=x", "sort=x"]
)
def test_a_filter_that_cannot_be_used_is_no_fault_of_the_server(client: TestClient, query: str) -> None:
    assert client.get(f"/ui/transactions?{query}").status_code in (200, 422)


def test_categories_can_be_sorted_and_link_to_their_transactions(client: TestClient) -> None:
    shown = Shown(client, "/ui/categories", {"sort": "total"})
    assert "11 categories, together 18,377.16 CAD" in shown.text
    assert shown.rows[0] == ["Equipment Expense", "4", "-9,788.52"]
    assert "/balances/ui/transactions?category=Equipment+Expense" in shown.links


def test_vendors_show_how_their_names_were_cleaned(client: TestClient) -> None:
    shown = Shown(client, "/ui/vendors", {"q": "apple"})
    assert shown.rows == [
        [
            *("APPLE STORE", "APPLE STORE #R280 VANCOUVER BC"),
            *("store number removed, province removed, city removed Likely", "1", "-5,518.17"),
        ]
    ]
    assert "/balances/ui/transactions?vendor=APPLE+STORE+%23R280+VANCOUVER+BC" in shown.links


def test_possible_duplicates_have_their_evidence_and_both_totals(client: TestClient) -> None:
    text = Shown(client, "/ui/duplicates").text
    assert "Total with all of them 18,377.16 CAD Total with one of each 20,262.81 CAD" in text
    ninja, cab = text.partition("NINJA STAR WORLD VANCOUVER BC")[2].split("YELLOW CAB CO LTD VANCOUVER BC", 1)
    assert "Twice on 20 Dec 2013" in ninja
    assert "-1,874.75 CAD is counted too often" in ninja
    assert (
        "Page 1, row 7 Page 4, row 4 Other transactions are between them. One of them is not in the order"
        in ninja
    )
    assert "Page 2, row 4 Page 2, row 5 They follow one another" in cab
    assert "All of them are in the order of the dates." in cab


def test_possible_duplicates_link_to_their_transactions(client: TestClient) -> None:
    (link,) = [one for one in Shown(client, "/ui/duplicates").links if "vendor=NINJA" in one]
    assert "2 transactions, together -3,749.50 CAD" in Shown(client, link).text


@pytest.mark.parametrize("page", LISTS)
def test_the_csv_has_the_items_of_the_api_with_plain_amounts(client: TestClient, page: str) -> None:
    rows = csv_rows(client, f"/ui/{page}.csv")
    items = pages(client, LISTS[page])
    assert len(rows) == len(items)
    assert sorted(row["currency"] for row in rows) == [item["currency"] for item in items]
    for name in {"amount", "total", "balance", "excess"} & rows[0].keys():
        assert sorted(row[name] for row in rows) == sorted(item[name] for item in items)


def test_the_csv_has_the_filters_of_the_page(client: TestClient) -> None:
    rows = csv_rows(client, "/ui/transactions.csv?category=%22%22&sort=amount")
    assert [row["amount"] for row in rows] == ["907.85", "5000.00", "10000.00", "20000.00"]


def test_long_lists_have_pages_of_50_with_the_sum_of_all(service: Service, feeds: Feeds) -> None:
    rows = [feeds.row(Amount=f"-{number}.00") for number in range(1, 121)]
    client = service(demo=feeds.serve(feeds.paged(rows, 60)).url)
    client.post("/v1/refresh").raise_for_status()
    path, found = "/ui/transactions?sort=amount", []
    while path:
        shown = Shown(client, path)
        assert "120 transactions, together -7,260.00 CAD" in shown.text
        found += [Decimal(amount) for amount in shown.column(3)]
        path = next((link for link in shown.links if "cursor=" in link), "")
    assert found == list(range(-120, 0))
    assert len(csv_rows(client, "/ui/transactions.csv")) == 120


def test_the_next_page_after_a_refresh_that_changed_the_feed_is_the_first_one(
    service: Service, feeds: Feeds
) -> None:
    server = feeds.serve(feeds.paged([feeds.row(Amount=f"-{number}.00") for number in range(1, 61)], 60))
    client = service(demo=server.url)
    client.post("/v1/refresh").raise_for_status()
    (link,) = [link for link in Shown(client, "/ui/transactions?sort=amount").links if "cursor=" in link]
    server.script = feeds.paged([feeds.row(Amount=f"-{number}.00") for number in range(1, 71)], 70)
    client.post("/v1/refresh").raise_for_status()
    shown = Shown(client, link)
    assert "The feed was read again. This is the first page." in shown.text
    assert shown.column(3)[0] == "-70.00"


def test_names_of_any_kind_are_shown_as_text_and_can_be_filtered(service: Service, feeds: Feeds) -> None:
    names = [
        "<script>alert(1)</script>",
        '"quoted"',
        "  spaces  ",
        "",
        "tab\there",
        "&amp;",
        "\u202etfel",
        "%_\\",
        "null",
    ]
    rows = [
        feeds.row(Company=name, Ledger=name, Amount=f"-{number}.00") for number, name in enumerate(names, 1)
    ]
    client = service(demo=feeds.serve(feeds.paged(rows, 20)).url)
    client.post("/v1/refresh").raise_for_status()
    for page in ("", "transactions", "categories", "vendors", "duplicates"):
        assert "<script>alert" not in Shown(client, f"/ui/{page}").html
    for page, parameter in (("categories", "category"), ("vendors", "vendor")):
        links = [link for link in Shown(client, f"/ui/{page}").links if f"{parameter}=" in link]
        sums = [Shown(client, link).column(3) for link in links]
        assert sorted(sums) == sorted([f"-{number}.00"] for number in range(1, len(names) + 1))


def test_pages_stay_small_with_many_names(service: Service, feeds: Feeds) -> None:
    rows = [
        feeds.row(
            Company=f"VENDOR NUMBER {number} OF THE CITY OF VANCOUVER BC",
            Ledger=f"Category number {number % 90}",
        )
        for number in range(2000)
    ]
    client = service(demo=feeds.serve(feeds.paged(rows, 1000)).url)
    client.post("/v1/refresh").raise_for_status()
    for page in ("", "transactions", "days", "categories", "vendors", "duplicates"):
        assert len(Shown(client, f"/ui/{page}").html) < 100_000
