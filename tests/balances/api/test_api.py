"""The API on a real PostgreSQL: its responses, and the guarantees of the database."""

import json
import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args

import msgspec
import psycopg
import pytest
from starlette.testclient import TestClient
from tests.balances.answers import pages, problem, until
from tests.balances.feed_server import Feeds
from tests.support.metrics import samples

from balances.api.routes import OPERATIONS
from balances.cli.arguments import parser
from balances.cli.print_report import print_report
from chassis.web.operations import Operation

Service = Callable[..., TestClient]
Sql = Callable[..., list[tuple[Any, ...]]]

LISTS = ["/v1/balances/daily", "/v1/transactions", "/v1/categories", "/v1/vendors", "/v1/repeats"]
ANSWERS = ["/v1/balances/total", *LISTS]


@pytest.fixture
def client(sample: Any) -> TestClient:
    """The service with a snapshot of the sample feed, for tests that change nothing."""
    assert isinstance(sample.client, TestClient)
    return sample.client


def test_the_total_of_the_sample_feed(client: TestClient) -> None:
    for prefix in ("", "/balances"):
        answer = client.get(f"{prefix}/v1/balances/total").json()
        assert (answer["total"], answer["currency"]) == ("18377.16", "CAD")


def test_the_ten_daily_balances_of_the_sample_feed(client: TestClient) -> None:
    assert [(day["date"], day["balance"]) for day in client.get("/v1/balances/daily").json()["items"]] == [
        ("2013-12-12", "-227.35"),
        ("2013-12-13", "-1456.93"),
        ("2013-12-15", "-1462.32"),
        ("2013-12-16", "-6037.85"),
        ("2013-12-17", "4648.43"),
        ("2013-12-18", "2807.14"),
        ("2013-12-19", "22560.45"),
        ("2013-12-20", "18505.85"),
        ("2013-12-21", "18487.87"),
        ("2013-12-22", "18377.16"),
    ]


def test_balances_of_filtered_days_include_all_transactions(client: TestClient) -> None:
    answer = client.get("/v1/balances/daily?from=2013-12-14&to=2013-12-16").json()
    assert [(day["date"], day["balance"]) for day in answer["items"]] == [
        ("2013-12-15", "-1462.32"),
        ("2013-12-16", "-6037.85"),
    ]


def sum_of(items: list[dict[str, Any]]) -> str:
    return f"{sum(Decimal(item['amount']) for item in items):.2f}"


@pytest.mark.parametrize("path", ["/v1/balances/daily", "/v1/transactions"])
@pytest.mark.parametrize(
    "filters",
    [
        {"from": "2013-12-14"},
        {"to": "2013-12-16"},
        {"from": "2013-12-14", "to": "2013-12-16"},
        {"from": "2014-01-01"},
    ],
)
def test_a_list_filtered_by_date_has_both_totals(
    client: TestClient, path: str, filters: dict[str, str]
) -> None:
    for limit in (2, 1000):
        answer = client.get(path, params={**filters, "limit": limit}).json()
        assert answer["feed_total"] == "18377.16"
        assert answer["filtered_total"] == sum_of(pages(client, path, **filters))
        assert not {"total", "total_if_repeats_removed"} & answer.keys()


@pytest.mark.parametrize("days", [{}, {"from": "2013-12-13", "to": "2013-12-17"}, {"to": "2012-01-01"}])
@pytest.mark.parametrize("category", ["Office Expense", "", "None"])
def test_a_list_filtered_by_category_has_both_totals(
    client: TestClient, category: str, days: dict[str, str]
) -> None:
    filters = {"category": category, **days}
    answer = client.get("/v1/transactions", params=filters).json()
    assert answer["feed_total"] == "18377.16"
    assert answer["filtered_total"] == sum_of(answer["items"])


@pytest.mark.parametrize("path", LISTS)
def test_without_filters_there_is_one_total(client: TestClient, path: str) -> None:
    answer = client.get(path).json()
    assert (answer["total"], answer["total_if_repeats_removed"]) == ("18377.16", "20262.81")
    assert not {"feed_total", "filtered_total"} & answer.keys()


def test_transactions_are_in_the_order_of_the_feed(client: TestClient) -> None:
    items = client.get("/v1/transactions").json()["items"]
    assert [item["position"] for item in items] == list(range(1, 39))
    assert items[1] == {
        "position": 2,
        "date": "2013-12-21",
        "amount": "-8.10",
        "currency": "CAD",
        "category": "Travel Expense, Nonlocal",
        "vendor": "BLACK TOP CABS VANCOUVER BC",
    }


def test_transactions_can_be_filtered_by_category_and_date(client: TestClient) -> None:
    chosen = {"category": "Office Expense", "from": "2013-12-13", "to": "2013-12-17"}
    (item,) = client.get("/v1/transactions", params=chosen).json()["items"]
    assert item["vendor"] == "DYNAMEX EXPRESS xxxxxxxx6414 ON"
    assert len(client.get("/v1/transactions?category=").json()["items"]) == 4
    assert client.get("/v1/transactions?category=None").json()["items"] == []


def test_categories_add_up_to_the_total(client: TestClient) -> None:
    items = client.get("/v1/categories").json()["items"]
    assert items[0] == {"name": "", "total": "35907.85", "currency": "CAD", "transactions": 4}
    assert sum(round(float(item["total"]) * 100) for item in items) == 1837716
    assert sum(item["transactions"] for item in items) == 38


def test_possible_duplicates_have_evidence_and_both_totals(client: TestClient) -> None:
    answer = client.get("/v1/repeats").json()
    assert (answer["total"], answer["total_if_repeats_removed"]) == ("18377.16", "20262.81")
    assert [(item["vendor"], item["count"], item["excess"]) for item in answer["items"]] == [
        ("NINJA STAR WORLD VANCOUVER BC", 2, "-1874.75"),
        ("YELLOW CAB CO LTD VANCOUVER BC", 2, "-10.90"),
    ]
    ninja = answer["items"][0]
    assert ninja["occurrences"] == [{"page": 1, "row": 7}, {"page": 4, "row": 4}]
    assert (ninja["adjacent"], ninja["out_of_order"]) == (False, True)


def test_vendors_have_clean_and_raw_names(client: TestClient) -> None:
    items = {item["raw"]: item for item in client.get("/v1/vendors").json()["items"]}
    assert len(items) == 28
    assert items["APPLE STORE #R280 VANCOUVER BC"] == {
        "clean": "APPLE STORE",
        "raw": "APPLE STORE #R280 VANCOUVER BC",
        "kind": "vendor",
        "confidence": "medium",
        "rules": ["store-number", "province", "city"],
        "total": "-5518.17",
        "currency": "CAD",
        "transactions": 1,
    }


@pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if one.path in LISTS], ids=lambda one: one.path
)
def test_the_items_of_a_list_have_the_members_of_their_type(client: TestClient, operation: Operation) -> None:
    """If it fails: the statement in store/sql/lists.sql and the type in api/responses.py must have the same members."""
    (item_type,) = get_args(operation.returns)
    names = [field.encode_name for field in msgspec.structs.fields(item_type)]
    for item in client.get(operation.path).json()["items"]:
        assert list(item) == names
        assert msgspec.convert(item, item_type)


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("/v1/balances/daily", "daily"),
        ("/v1/categories", "categories"),
        ("/v1/vendors", "vendors"),
        ("/v1/repeats", "repeats"),
    ],
)
def test_the_command_line_prints_the_same_items(
    client: TestClient, feeds: Feeds, capsys: pytest.CaptureFixture[str], path: str, command: str
) -> None:
    print_report(parser().parse_args([command, "--feed", str(feeds.sample), "-O", "json"]))
    assert json.loads(capsys.readouterr().out)["items"] == client.get(path).json()["items"]


@pytest.mark.parametrize("path", ANSWERS)
def test_every_response_contains_the_proof_with_its_time(client: TestClient, path: str) -> None:
    answer = client.get(path)
    proof = answer.json()["proof"]
    assert (proof["pages"], proof["rows"], proof["total_count"], proof["complete"]) == (4, 38, 38, True)
    assert len(proof["digest"]) == 64
    fetched_at = datetime.fromisoformat(proof["fetched_at"])
    assert timedelta(0) <= datetime.now(UTC) - fetched_at < timedelta(minutes=1)
    assert "age" not in answer.headers  # it would be the time in a cache (RFC 9111, section 5.1)


@pytest.mark.parametrize("path", [*ANSWERS, "/v1/feeds"])
def test_a_response_that_the_client_has_is_not_sent_again(client: TestClient, path: str) -> None:
    tag = client.get(path).headers["etag"]
    assert not tag.startswith("W/")
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_pages_of_any_size_make_up_the_whole_list(client: TestClient, path: str, limit: int) -> None:
    assert pages(client, path, limit=limit) == client.get(path).json()["items"]


def test_filters_apply_to_all_pages(client: TestClient) -> None:
    items = pages(client, "/v1/transactions", limit=1, category="Auto Expense")
    assert [item["amount"] for item in items] == ["6.23", "-72.75"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 422),
        ("limit=1001", 422),
        ("limit=ten", 422),
        ("colour=red", 422),
        ("limit=1&limit=2", 422),
        ("feed=other", 422),
        ("feed=%00", 422),
        ("cursor=abc", 400),
        ("cursor=%00", 400),
        ("cursor=WyJ4IiwtMV0", 400),
        ("cursor=WyJ4IiwxMDAwMDAwMDAwMDAwMDAwMDAwMDBd", 400),
        ("cursor=WyJ4IiwxXQ", 400),
    ],
)
def test_an_invalid_query_is_a_problem(client: TestClient, path: str, query: str, status: int) -> None:
    assert problem(client.get(f"{path}?{query}"), status)


@pytest.mark.parametrize(
    "query", ["from=yesterday", "to=2013-02-30", "from=2013-12-01T00:00:00Z", "category=%00"]
)
def test_an_invalid_filter_is_a_problem(client: TestClient, query: str) -> None:
    assert problem(client.get(f"/v1/transactions?{query}"), 422)


def test_the_error_for_an_unknown_feed_lists_the_feeds(client: TestClient) -> None:
    assert problem(client.get("/v1/balances/total?feed=x"), 422) == "There is no feed 'x'; there are: demo."


@pytest.mark.parametrize("path", ANSWERS)
def test_before_the_first_snapshot_the_response_is_503(service: Service, feeds: Feeds, path: str) -> None:
    answer = service(demo=str(feeds.sample)).get(path)
    assert "has not been read completely yet" in problem(answer, 503)
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("path", ANSWERS)
def test_without_any_feed_the_error_says_what_to_do(service: Service, path: str) -> None:
    assert "Set FEEDS" in problem(service().get(path), 503)
    assert service().get("/v1/feeds").json() == {"items": []}


def test_a_refresh_responds_with_the_new_snapshot(service: Service, feeds: Feeds) -> None:
    client = service(demo=feeds.serve(feeds.sample_script).url)
    answer = client.post("/balances/v1/refresh")
    assert answer.status_code == 200
    assert answer.json() == client.get("/v1/balances/total").json()


def test_several_feeds_are_separate_and_the_first_is_the_default(service: Service, feeds: Feeds) -> None:
    other = feeds.serve(feeds.paged([feeds.row(Amount="1.234")], 1)).url
    client = service(demo=str(feeds.sample), dinar={"url": other, "currency": "KWD"})
    assert client.post("/v1/refresh").json()["feed"] == "demo"
    assert client.post("/v1/refresh?feed=dinar").json()["feed"] == "dinar"
    assert client.get("/v1/balances/total").json()["total"] == "18377.16"
    answer = client.get("/v1/balances/total?feed=dinar").json()
    assert (answer["total"], answer["currency"]) == ("1.234", "KWD")


def test_a_refresh_replaces_the_snapshot(service: Service, feeds: Feeds, sql: Sql) -> None:
    rows = [feeds.row(Amount="1")]
    server = feeds.serve(feeds.paged(rows, 10))
    client = service(main=server.url)
    client.post("/v1/refresh")
    rows.append(feeds.row(Amount="2", Ledger="Travel"))
    assert client.post("/v1/refresh").json()["total"] == "3.00"
    for table, count in (("reading", 1), ("transaction", 2), ("day", 1), ("category", 2), ("vendor", 1)):
        assert sql(f"select count(*) from {table}") == [(count,)]


def test_a_cursor_of_an_older_snapshot_is_a_conflict_if_the_rows_changed(
    service: Service, feeds: Feeds
) -> None:
    rows = [feeds.row(Amount=str(n)) for n in range(3)]
    client = service(main=feeds.serve(feeds.paged(rows, 10)).url)
    client.post("/v1/refresh")
    cursor = client.get("/v1/transactions?limit=1").json()["next"]
    client.post("/v1/refresh")
    assert client.get("/v1/transactions", params={"cursor": cursor}).json()["items"][0]["position"] == 2
    rows.insert(0, feeds.row())
    client.post("/v1/refresh")
    assert "Request the list again from its first page" in problem(
        client.get(f"/v1/transactions?cursor={cursor}"), 409
    )


# Refreshes that fail


def broken_after_the_first(feeds: Feeds, broken: Any) -> Any:
    """A server with the sample feed, and an event; once it is set, the server responds as `broken` does."""
    seen = threading.Event()

    def script(page: int, n: int) -> Any:
        if seen.is_set():
            return broken(page, n)
        return feeds.sample_script(page, n)

    server = feeds.serve(script)
    return server, seen


def bad_amount(feeds: Feeds) -> Any:
    rows = [feeds.row(), feeds.row(), feeds.row(Amount="NaN")]
    return feeds.paged(rows, 2)


@pytest.mark.parametrize(
    ("fault", "status", "outcome", "detail"),
    [
        ("unreachable", 503, "unreachable", "feed demo, page 1: HTTP status 503, after 1 attempts"),
        ("status", 502, "invalid", "feed demo, page 1: HTTP status 500, where 200 or 404 is expected"),
        ("amount", 502, "invalid", "feed demo, page 2, row 1, field Amount: 'NaN' is not a decimal number"),
        (
            "count",
            502,
            "inconsistent",
            "feed demo, page 1: the feed ends after 1 rows, but totalCount is 2",
        ),
    ],
)
def test_a_failed_refresh_says_why_and_leaves_the_snapshot_unchanged(
    service: Service, feeds: Feeds, sql: Sql, fault: str, status: int, outcome: str, detail: str
) -> None:
    broken = {
        "unreachable": lambda *_: feeds.reply(503),
        "status": lambda *_: feeds.reply(500),
        "amount": bad_amount(feeds),
        "count": lambda p, _: feeds.page(1, [feeds.row()], 2) if p == 1 else feeds.reply(404),
    }[fault]
    server, seen = broken_after_the_first(feeds, broken)
    client = service(demo={"url": server.url, "attempts": 1})
    good = client.post("/v1/refresh").json()
    seen.set()
    answer = client.post("/v1/refresh")
    assert detail in problem(answer, status)
    assert ("retry-after" in answer.headers) == (status == 503)
    assert client.get("/v1/balances/total").json() == good
    assert len(client.get("/v1/transactions").json()["items"]) == 38
    assert sql("select count(*) from transaction") == [(38,)]
    (state,) = client.get("/v1/feeds").json()["items"]
    assert state["last_refresh"]["outcome"] == outcome
    assert detail in state["last_refresh"]["detail"]
    assert state["reading"] == good


def test_the_error_points_at_the_invalid_field(service: Service, feeds: Feeds) -> None:
    client = service(main=feeds.serve(bad_amount(feeds)).url)
    (error,) = client.post("/v1/refresh").json()["errors"]
    assert (error["pointer"], error["code"]) == ("/transactions/0/Amount", "invalid")
    assert error["detail"].startswith("page 2: 'NaN' is not a decimal number")


def test_a_discarded_attempt_leaves_no_rows(service: Service, feeds: Feeds, sql: Sql) -> None:
    server = feeds.serve(lambda p, n: feeds.reply(404) if (p, n) == (3, 1) else feeds.sample_script(p, n))
    assert service(demo=server.url).post("/v1/refresh").json()["total"] == "18377.16"
    assert sql("select count(*), count(distinct reading_id) from transaction") == [(38, 1)]


def test_a_feed_has_one_refresh_at_a_time(service: Service, feeds: Feeds) -> None:
    go = threading.Event()

    def script(page: int, n: int) -> Any:
        return feeds.sample_script(page, n)._replace(hold=go)

    server = feeds.serve(script)
    client = service(demo=server.url, other=str(feeds.sample))
    first: list[Any] = []
    refreshing = threading.Thread(target=lambda: first.append(client.post("/v1/refresh")))
    refreshing.start()
    assert server.arrived.wait(30)
    second = client.post("/v1/refresh")
    assert "a refresh is under way" in problem(second, 409)
    assert int(second.headers["retry-after"]) > 0
    assert client.post("/v1/refresh?feed=other").status_code == 200
    go.set()
    refreshing.join()
    assert first[0].status_code == 200


def test_during_a_refresh_the_old_snapshot_is_served(service: Service, feeds: Feeds) -> None:
    go, changed = threading.Event(), threading.Event()

    def script(page: int, n: int) -> Any:
        if changed.is_set():
            return feeds.paged([feeds.row(Amount="1")], 1)(page, n)._replace(hold=go)
        return feeds.sample_script(page, n)

    server = feeds.serve(script)
    client = service(demo=server.url)
    client.post("/v1/refresh")
    changed.set()
    server.arrived.clear()
    refreshing = threading.Thread(target=lambda: client.post("/v1/refresh"))
    refreshing.start()
    assert server.arrived.wait(30)
    assert client.get("/v1/balances/total").json()["total"] == "18377.16"
    go.set()
    refreshing.join()
    assert client.get("/v1/balances/total").json()["total"] == "1.00"


# What the database guarantees


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("update transaction set amount = 1.001 where position = 1", "transaction_amount"),
        ("update transaction set amount = 'NaN' where position = 1", "transaction_amount"),
        ("update transaction set amount = 'Infinity' where position = 1", "transaction_amount"),
        ("update transaction set digits = 3", "transaction_reading_id_fkey"),
        ("update transaction set position = 1 where position = 2", "transaction_pkey"),
        ("update transaction set reading_id = 99", "transaction_reading_id_fkey"),
        ("update reading set rows = 39", "reading_total_count"),
        ("update reading set digest = 'x'", "reading_digest"),
        ("update reading set total = 'NaN'", "reading_total"),
        (
            "insert into reading select (r).* from (select r from reading r) s",
            "cannot insert a non-DEFAULT value",
        ),
        ("update day set date = '2013-12-12'", "day_date_key"),
        ("update day set reading_id = 99", "day_reading_id_fkey"),
        ("update category set name = 'x'", "category_name_key"),
        ("update repeat set excess = 0", "repeat_excess"),
        ("update repeat set count = 3, excess = amount * 2", "repeat_occurrences"),
        ("update vendor set raw = 'x'", "vendor_raw_key"),
        ("update reading set pending = 39", "reading_pending"),
        ("update reading set pending_total = 'NaN'", "reading_pending_total"),
    ],
)
def test_the_database_refuses_invalid_rows(sample: Any, statement: str, constraint: str) -> None:
    with pytest.raises(psycopg.Error, match=constraint):
        sample.sql(statement)


# Documents and metrics


def test_the_metrics_show_time_rows_and_the_last_refresh(client: TestClient) -> None:
    until(lambda: samples(client)['balances_feed_rows{feed="demo"}'] == 38)
    found = samples(client)
    assert 0 <= time.time() - found['balances_feed_fetched_timestamp_seconds{feed="demo"}'] < 60
    assert found['balances_feed_pending_rows{feed="demo"}'] == 0
    assert found['balances_refresh_complete{feed="demo"}'] == 1
    assert 0 < found['balances_refresh_duration_seconds{feed="demo"}'] < 60


def test_an_unexpected_error_does_not_freeze_the_metrics(service: Service, feeds: Feeds, sql: Sql) -> None:
    client = service(demo=str(feeds.sample))
    client.post("/v1/refresh")
    rows = 'balances_feed_rows{feed="demo"}'
    until(lambda: samples(client)[rows] == 38)
    fetched = samples(client)['balances_feed_fetched_timestamp_seconds{feed="demo"}']
    sql("alter table reading rename column digest to fingerprint")  # causes an unexpected error
    until(lambda: math.isnan(samples(client)[rows]))
    found = samples(client)
    assert found['background_task_failures_total{task="feed_metrics"}'] >= 1
    assert math.isnan(found['balances_refresh_complete{feed="demo"}'])
    assert found['balances_feed_fetched_timestamp_seconds{feed="demo"}'] == fetched
    sql("alter table reading rename column fingerprint to digest")
    until(lambda: samples(client)[rows] == 38)


def test_the_document_describes_every_route(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert {path for path in document["paths"] if path.startswith("/v1")} == {
        *ANSWERS,
        "/v1/feeds",
        "/v1/feeds/{feed}:refresh",
        "/v1/me",
        "/v1/refresh",
    }
    parameters = document["paths"]["/v1/transactions"]["get"]["parameters"]
    assert {one["name"] for one in parameters if one["in"] == "query"} == {
        *("feed", "category", "vendor", "direction", "from", "to", "q"),
        *("sort", "count", "limit", "cursor"),
    }
    assert json.dumps(document)


@pytest.mark.parametrize("path", ["/v1/balances/daily", "/v1/transactions"])
def test_days_in_the_wrong_order_are_refused(client: TestClient, path: str) -> None:
    answer = client.get(f"{path}?from=2013-12-16&to=2013-12-14")
    assert "'from' (2013-12-16) is after 'to' (2013-12-14)" in problem(answer, 422)
    assert answer.json()["errors"][0]["pointer"] == "from"
    assert client.get(f"{path}?from=2013-12-16&to=2013-12-16").status_code == 200


@pytest.mark.parametrize("path", [*ANSWERS, "/v1/feeds"])
def test_every_response_has_a_strong_entity_tag(client: TestClient, path: str) -> None:
    tag = client.get(path).headers["etag"]
    assert tag.startswith('"')
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
