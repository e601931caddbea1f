"""A feed fails: the pages of balances say what is wrong, keep the last total, and heal with the next refresh."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser
from tests.balances.feed_server import Feeds, FeedServer, Reply
from tests.balances.feed_server import running as serving_feed
from tests.browser import benchtop as local
from tests.browser.benchtop import Benchtop
from tests.browser.browsing import looking, open_page
from tests.browser.page_faults import page_faults
from tests.browser.pages import PAGES, Page
from tests.browser.views import View

TOTAL = "18,377.16"


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    with serving_feed(Feeds.sample_script) as server:
        yield server


@pytest.fixture
def benchtop(feed: FeedServer, database_url: str, tmp_path: Path) -> Iterator[Benchtop]:
    """Benchtop that reads this feed, and has read it once."""
    feeds = json.dumps({"bank": {"url": feed.url, "min_interval": 0, "attempts": 1}})
    with local.running(tmp_path, DATABASE_URL=database_url, FEEDS=feeds) as running:
        yield running


def refresh(benchtop: Benchtop) -> int:
    return httpx.post(f"{benchtop.url}/balances/v1/refresh", timeout=60).status_code


def text_of(browser: Browser, benchtop: Benchtop, path: str) -> str:
    """What a page shows; it has no fault and no stack trace."""
    with looking(browser, benchtop.url, View(320)) as shown:
        faults = list(page_faults(shown, open_page(shown, benchtop.url + path), Page(path, path)))
        assert not faults, "\n".join(faults)
        text = shown.get_by_role("main").inner_text()
        assert "Traceback" not in text
        return text


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        pytest.param(Reply(503), "Not reachable", id="unreachable"),
        pytest.param(Reply(200, b"<html>Sorry</html>"), "Not valid", id="invalid"),
    ],
)
def test_the_pages_say_that_the_feed_failed_and_heal(
    browser: Browser, benchtop: Benchtop, feed: FeedServer, reply: Reply, words: str
) -> None:
    assert words not in text_of(browser, benchtop, "/balances/ui/feeds")
    feed.script = lambda _page, _n: reply
    assert refresh(benchtop) >= 500
    assert words in text_of(browser, benchtop, "/balances/ui/feeds")
    assert words in text_of(browser, benchtop, "/balances/ui/feeds/bank")
    assert TOTAL in text_of(browser, benchtop, "/balances/ui/")
    assert "The last refresh failed" in text_of(browser, benchtop, "/")
    feed.script = Feeds.sample_script
    assert refresh(benchtop) == 200
    assert words not in text_of(browser, benchtop, "/balances/ui/feeds")
    assert "failed" not in text_of(browser, benchtop, "/")


def test_every_page_of_balances_says_that_a_feed_was_never_read(
    browser: Browser, database_url: str, tmp_path: Path
) -> None:
    feeds = json.dumps({"bank": {"url": str(tmp_path / "nowhere")}})
    pages = [page for page in PAGES if page.path.startswith("/balances/ui/") and page.status == 200]
    assert pages != []
    with local.running(tmp_path, DATABASE_URL=database_url, FEEDS=feeds) as benchtop:
        for page in pages:
            if "{" not in page.path and page.name != "feeds":
                assert "has not been read" in text_of(browser, benchtop, page.path)
