"""The first page: the total with its proof, the running balance, and what is wrong with the feed."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.balances.feed_server import Feeds
from tests.balances.shown import Shown

Service = Callable[..., TestClient]
Sql = Callable[..., list[tuple[Any, ...]]]

DIGEST = "751325aa0897755c125598d6655e435f26944688223b943cf34b915cb01d4284"


@pytest.fixture
def overview(sample: Any) -> Shown:
    """The page of the sample feed."""
    return Shown(sample.client, "/ui/")


def test_the_total_says_of_which_days_it_is(overview: Shown) -> None:
    assert "Total 18,377.16 CAD Total of money in and out, 12 Dec 2013 to 22 Dec 2013" in overview.text


def test_the_total_has_its_proof_in_one_line(overview: Shown) -> None:
    assert "All 38 transactions of the bank's feed were read, " in overview.text
    assert "; the feed itself says 38." in overview.text


def test_the_page_says_why_the_total_can_be_trusted(overview: Shown) -> None:
    (reasons,) = re.findall(
        r"(?s)<details>\s*<summary>Why this total can be trusted.*?</details>", overview.html
    )
    assert DIGEST in reasons
    assert overview.html.count(DIGEST[:8]) == 1


def test_the_total_without_possible_duplicates_links_to_them(overview: Shown) -> None:
    assert (
        "20,262.81 CAD would be the total if 2 sets of equal transactions were counted once each"
        in overview.text
    )
    assert "/balances/ui/duplicates" in overview.links


def test_the_caption_of_the_chart_says_the_result(overview: Shown) -> None:
    assert (
        "The balance went from -227.35 CAD on 12 Dec 2013 to 18,377.16 CAD on 22 Dec 2013."
        " Highest: 22,560.45 CAD on 19 Dec 2013; lowest: -6,037.85 CAD on 16 Dec 2013."
    ) in overview.text


def test_the_table_beside_the_chart_has_the_same_balances_as_the_api(overview: Shown, sample: Any) -> None:
    days = sample.client.get("/v1/balances/daily").json()["items"]
    assert len(days) == 10
    shown = [amount.replace(",", "") for _, amount in overview.rows[:10]]
    assert shown == [day["balance"] for day in days]


def test_the_chart_has_a_name_and_needs_no_inline_style(overview: Shown) -> None:
    (named_by,) = re.findall(r'<svg[^>]* role="img" aria-labelledby="([^"]+)"', overview.html)
    for ident in named_by.split():
        assert f'id="{ident}"' in overview.html
    assert "style=" not in overview.html


def test_the_largest_categories_are_those_far_from_zero_in_both_directions(overview: Shown) -> None:
    assert overview.rows[10:16] == [
        ["(no category)", "35,907.85"],
        ["Equipment Expense", "-9,788.52"],
        ["Education", "-4,463.20"],
        ["Business Meals & Entertainment Expense", "-1,851.76"],
        ["Office Expense", "-701.67"],
        ["Travel Expense, Nonlocal", "-247.05"],
    ]


def test_the_last_transactions_have_clean_names(overview: Shown) -> None:
    assert overview.rows[16] == ["SHAW CABLESYSTEMS 22 Dec 2013", "-110.71"]
    assert len(overview.rows[16:]) == 8


def test_without_possible_duplicates_the_page_says_that_there_are_none(
    service: Service, feeds: Feeds
) -> None:
    client = service(demo=feeds.serve(feeds.paged([feeds.row()], 1)).url)
    client.post("/v1/refresh").raise_for_status()
    assert "There are none: no two transactions have the same date" in Shown(client, "/ui/").text


def test_pending_transactions_are_shown_beside_the_total(service: Service, feeds: Feeds) -> None:
    rows = [feeds.row(), feeds.row(Amount="-20.00", pending=True)]
    client = service(demo=feeds.serve(feeds.paged(rows, 2)).url)
    client.post("/v1/refresh").raise_for_status()
    text = Shown(client, "/ui/").text
    assert "Total -1.50 CAD" in text
    assert "Pending -20.00 CAD 1 transaction that the bank has not booked yet." in text


def test_a_feed_without_transactions_has_the_total_zero_and_no_chart(service: Service, feeds: Feeds) -> None:
    client = service(
        demo=feeds.serve(lambda page, _: feeds.page(1, [], 0) if page == 1 else feeds.reply(404)).url
    )
    client.post("/v1/refresh").raise_for_status()
    shown = Shown(client, "/ui/")
    assert "Total 0.00 CAD" in shown.text
    assert "<svg" not in shown.html


def test_many_days_are_shown_by_longer_periods(service: Service, feeds: Feeds) -> None:
    rows = [
        feeds.row(Date=f"{year}-{month:02}-{day:02}")
        for year in (2022, 2023)
        for month in range(1, 13)
        for day in range(1, 28)
    ]
    client = service(demo=feeds.serve(feeds.paged(rows, 100)).url)
    client.post("/v1/refresh").raise_for_status()
    shown = Shown(client, "/ui/")
    assert "Total of money in and out, 1 Jan 2022 to 27 Dec 2023" in shown.text
    assert "The chart shows the last day with transactions of each week." in shown.text
    weeks = [row for row in shown.rows if re.fullmatch(r"\d+ \w+ 202[23]", row[0])]
    assert 100 < len(weeks) < 110
    assert weeks[-1] == ["27 Dec 2023", "-972.00"]


def test_without_a_configured_feed_the_page_says_how_to_add_one(service: Service) -> None:
    for path in (
        "/ui/",
        "/ui/days",
        "/ui/transactions",
        "/ui/categories",
        "/ui/vendors",
        "/ui/duplicates",
        "/ui/feeds",
    ):
        text = Shown(service(), path).text
        assert "No feed is configured" in text
        assert "FEEDS=" in text


@pytest.mark.parametrize(
    "path", ["/ui/", "/ui/days", "/ui/transactions", "/ui/categories", "/ui/vendors", "/ui/duplicates"]
)
def test_a_feed_that_was_never_read_can_be_read_from_the_page(
    service: Service, feeds: Feeds, path: str
) -> None:
    shown = Shown(service(demo=str(feeds.sample)), path)
    assert "The feed demo has not been read completely yet" in shown.text
    assert 'action="/balances/ui/feeds/demo/refresh"' in shown.html


def test_a_first_refresh_that_failed_says_why(service: Service, feeds: Feeds) -> None:
    client = service(demo=feeds.serve(lambda *_: feeds.reply(403)).url)
    client.post("/v1/refresh")
    shown = Shown(client, "/ui/")
    assert "The last refresh failed" in shown.text
    assert "403" in shown.text


def test_after_a_failed_refresh_the_old_total_is_shown_with_the_reason(
    service: Service, feeds: Feeds
) -> None:
    answers = {"broken": False}
    server = feeds.serve(
        lambda page, n: feeds.reply(403) if answers["broken"] else feeds.sample_script(page, n)
    )
    client = service(demo=server.url)
    client.post("/v1/refresh").raise_for_status()
    answers["broken"] = True
    client.post("/v1/refresh")
    text = Shown(client, "/ui/").text
    assert "Total 18,377.16 CAD" in text
    assert "The last refresh failed" in text
    assert "the bank answered with something that cannot be used" in text
    assert "They are complete for that time." in text


def test_old_numbers_have_a_warning(service: Service, feeds: Feeds, sql: Sql) -> None:
    client = service(demo=str(feeds.sample))
    client.post("/v1/refresh").raise_for_status()
    assert "These numbers are old" not in Shown(client, "/ui/").text
    sql("update reading set fetched_at = fetched_at - interval '27 hours'")
    assert "These numbers are old: the feed was last read completely 1 day ago" in Shown(client, "/ui/").text


def test_a_feed_that_lost_rows_has_a_warning(service: Service, feeds: Feeds) -> None:
    rows = [feeds.row(), feeds.row(Amount="-2.50")]
    server = feeds.serve(feeds.paged(rows, 2))
    client = service(demo=server.url)
    client.post("/v1/refresh").raise_for_status()
    server.script = feeds.paged(rows[:1], 2)
    client.post("/v1/refresh").raise_for_status()
    assert "The last refresh was complete, but something is unusual" in Shown(client, "/ui/").text


def test_with_several_feeds_one_is_chosen_and_all_links_keep_it(service: Service, feeds: Feeds) -> None:
    other = feeds.serve(feeds.paged([feeds.row()], 1)).url
    client = service(main=str(feeds.sample), card=other)
    for feed in ("main", "card"):
        client.post(f"/v1/refresh?feed={feed}").raise_for_status()
    assert "Total 18,377.16 CAD" in Shown(client, "/ui/").text
    for path in ("/ui/", "/ui/days", "/ui/transactions", "/ui/categories", "/ui/vendors", "/ui/duplicates"):
        shown = Shown(client, path, {"feed": "card"})
        about_a_feed = [link for link in shown.links if re.match(r"/balances/ui/(?!feeds)", link)]
        assert {"/balances/ui/?feed=card", "/balances/ui/days?feed=card"} < set(about_a_feed)
        others = {link for link in about_a_feed if "feed=card" not in link}
        assert others == {"/balances/ui/", f"/balances{path}?feed=main"}  # the service, and the other feed


def test_with_one_feed_there_is_no_choice(overview: Shown) -> None:
    assert 'aria-label="Feed"' not in overview.html
    assert not [link for link in overview.links if "feed=" in link]


def test_an_unknown_feed_is_an_error_page_that_names_the_feeds(sample: Any) -> None:
    assert (
        "There is no feed 'x'; there are: demo."
        in Shown(sample.client, "/ui/", {"feed": "x"}, status=422).text
    )
