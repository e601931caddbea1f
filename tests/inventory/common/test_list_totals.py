"""`total=true` counts the items on all pages, and filters combine with each other, with the search and the order."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.inventory.kinds import KINDS
from tests.inventory.walking import items, orders_of, pages

Sql = Callable[..., list[tuple[Any, ...]]]

FILTERS: dict[str, dict[str, str]] = {
    "sites": {"q": "site"},
    "freezers": {"q": "80c", "site_id": "1"},
    "computers": {"q": "2", "site_id": "1"},
    "containers": {"q": "BUFF", "site_id": "1", "freezer_id": "1"},
    "users": {"q": "e", "active": "true"},
    "instruments": {"q": "2", "site_id": "1", "kind": "computer"},
    "events": {"q": "warm", "user_id": "ada", "status": "NotProcessed"},
    "notifications": {"state": "pending"},
}
"""A value for each filter of each list."""

CASES = [
    pytest.param(path, dict(chosen), id=f"{path}-{'-'.join(name for name, _ in chosen) or 'all'}")
    for path, filters in FILTERS.items()
    for count in range(len(filters) + 1)
    for chosen in combinations(filters.items(), count)
]


@pytest.fixture
def many(client: TestClient, sql: Sql) -> TestClient:
    """The service with several rows of each kind, of which each filter finds some."""
    for kind in KINDS:
        for number in range(5):
            client.post(f"/v1/{kind.plural}", json=kind.numbered_body(number)).raise_for_status()
    client.post("/v1/freezers", json={"name": "Cold", "site_id": 2}).raise_for_status()
    client.post("/v1/computers", json={"name": "Computer 2", "site_id": 2}).raise_for_status()
    client.post("/v1/containers", json={"description": "Far", "freezer_id": 8}).raise_for_status()
    client.post("/v1/users", json={"username": "e", "email": "e@b", "active": False}).raise_for_status()
    for number in range(12):
        event = {
            "user_id": ["ada", "grace"][number % 2],
            "description": ["Warm", "Cold", "warmer"][number % 3],
        }
        client.post("/v1/events", json=event).raise_for_status()
    sql("update notification set state = 'delivered', finished_at = now() where id % 4 < 2")
    return client


def test_every_filter_is_tested(many: TestClient) -> None:
    apart = {"limit", "cursor", "total", "sort", "event_id"}
    for path, filters in FILTERS.items():
        listed = many.get("/openapi.json").json()["paths"][f"/v1/{path}"]["get"]["parameters"]
        assert {one["name"] for one in listed if one["in"] == "query"} - apart == set(filters), path


@pytest.mark.parametrize(("path", "filters"), CASES)
def test_the_total_is_the_number_of_items_in_each_order(
    many: TestClient, path: str, filters: dict[str, str]
) -> None:
    expected = items(many, f"/v1/{path}", **filters)
    assert expected
    for order in orders_of(f"/v1/{path}"):
        walked = list(pages(many, f"/v1/{path}", **filters, sort=order, limit=2, total="true"))
        assert [page["total"] for page in walked] == [len(expected)] * len(walked)
        found = [item for page in walked for item in page["items"]]
        assert sorted(map(str, found)) == sorted(map(str, expected))


@pytest.mark.parametrize(("path", "filters"), [case for case in CASES if len(case.values[1]) == 1])  # type: ignore[arg-type]
def test_each_filter_leaves_some_items_out(many: TestClient, path: str, filters: dict[str, str]) -> None:
    assert 0 < len(items(many, f"/v1/{path}", **filters)) < len(items(many, f"/v1/{path}"))


@pytest.mark.parametrize(("path", "filters"), [case for case in CASES if len(case.values[1]) > 1])  # type: ignore[arg-type]
def test_an_item_fulfils_every_filter(many: TestClient, path: str, filters: dict[str, str]) -> None:
    found = items(many, f"/v1/{path}", **filters)
    each = [items(many, f"/v1/{path}", **{name: value}) for name, value in filters.items()]
    assert found == [item for item in each[0] if all(item in others for others in each)]


@pytest.mark.parametrize("path", FILTERS)
def test_there_is_no_total_unless_it_is_asked_for(many: TestClient, path: str) -> None:
    assert "total" not in many.get(f"/v1/{path}").json()
    assert "total" not in many.get(f"/v1/{path}?total=false").json()
    assert many.get(f"/v1/{path}?total=maybe").status_code == 422


@pytest.mark.parametrize("path", FILTERS)
def test_the_total_of_an_empty_list_is_0(empty: TestClient, path: str) -> None:
    assert empty.get(f"/v1/{path}?total=true").json() == {"items": [], "total": 0}


@pytest.mark.parametrize("path", FILTERS)
def test_only_some_pages_may_ask_for_the_total(many: TestClient, path: str) -> None:
    first = many.get(f"/v1/{path}?total=true&limit=2").json()
    second = many.get(f"/v1/{path}?limit=2", params={"cursor": first["next"]})
    assert (second.status_code, "total" in second.json()) == (200, False)


@pytest.mark.parametrize(
    "query",
    ["containers?site_id=x", "users?active=perhaps", "instruments?kind=robot", "instruments?site_id=0"],
)
def test_an_unknown_value_of_a_filter_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/v1/{query}").status_code == 422
