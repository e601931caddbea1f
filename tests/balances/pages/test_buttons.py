"""Pages offer to read a feed to those who may do that, and to nobody else."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from tests.balances.feed_server import Feeds
from tests.support.callers import may, program, serving, signed_in
from tests.support.crawling import Found, crawl
from tests.support.html_page import HtmlPage

from balances.app import NAVIGATION, PAGES, create
from balances.feed.settings import FeedSettings
from balances.settings import BalancesSettings
from chassis.access.permissions import ROLES, Role

ROOT = "/balances"
STARTS = [ROOT + section.path for section in NAVIGATION.sections]


@pytest.fixture
def guarded(url: str, feeds: Feeds) -> Iterator[TestClient]:
    feed = FeedSettings(url=str(feeds.sample), min_interval=0)
    with serving(create, BalancesSettings, database_url=url, feeds={"demo": feed}) as client:
        yield client


def found_by(client: TestClient, role: Role) -> Found:
    return crawl(client, STARTS, ROOT, signed_in("ada", role))


@pytest.fixture(params=["before the feed is read", "after"])
def read_or_not(request: pytest.FixtureRequest, guarded: TestClient) -> TestClient:
    if request.param == "after":
        guarded.post("/v1/refresh", headers=program("keeper")).raise_for_status()
    return guarded


@pytest.mark.parametrize("role", ROLES)
def test_no_link_and_no_form_of_a_page_is_forbidden(read_or_not: TestClient, role: Role) -> None:
    found = found_by(read_or_not, role)
    assert set(found.statuses.values()) <= {200, 503}  # 503: a CSV file while there is no snapshot
    for address in found.forms:
        answer = read_or_not.post(address, headers=signed_in("ada", role), follow_redirects=False)
        assert answer.status_code == 303, address


@pytest.mark.parametrize("role", ROLES)
def test_the_pages_lead_to_everything_that_the_role_may_do(guarded: TestClient, role: Role) -> None:
    guarded.post("/v1/refresh", headers=program("keeper")).raise_for_status()
    found = found_by(guarded, role).operations(PAGES, ROOT)
    assert found == {f"{page.method} {page.path}" for page in PAGES if may(role, page)}


@pytest.mark.parametrize("page", ["", "transactions", "days", "categories", "vendors", "duplicates"])
@pytest.mark.parametrize(("role", "is_told"), [("viewer", True), ("keeper", False)])
def test_a_page_without_a_snapshot_says_who_can_read_the_feed(
    guarded: TestClient, page: str, role: Role, *, is_told: bool
) -> None:
    shown = HtmlPage(guarded.get(f"{ROOT}/ui/{page}", headers=signed_in("ada", role)).text)
    assert ("Somebody with the role keeper can read it now." in shown.text) == is_told
    assert ("Read the feed now" in shown.text) != is_told


def test_a_forbidden_refresh_reads_nothing(guarded: TestClient) -> None:
    for path in ("/v1/refresh", "/v1/feeds/demo:refresh", "/ui/feeds/demo/refresh"):
        assert guarded.post(path, headers=signed_in("ada", "member")).status_code == 403
    assert guarded.get("/v1/feeds", headers=program("keeper")).json()["items"][0]["last_refresh"] is None
