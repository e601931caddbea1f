"""The pages of the feeds: their states, and the button that reads a feed."""

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.balances.answers import until
from tests.balances.feed_server import Feeds, FeedServer
from tests.balances.shown import Shown

Service = Callable[..., TestClient]


class Halting:
    """A server with the sample feed, which responds to requests for pages after the second once `go` is set."""

    def __init__(self, feeds: Feeds) -> None:
        self.go = threading.Event()
        self.server: FeedServer = feeds.serve(
            lambda page, n: feeds.sample_script(page, n)._replace(hold=self.go if page > 2 else None)
        )


@pytest.fixture
def halting(feeds: Feeds) -> Iterator[Halting]:
    """See `Halting`."""
    server = Halting(feeds)
    yield server
    server.go.set()


def press(client: TestClient, feed: str = "demo") -> str:
    """Press the button that reads a feed; the result is the text of the page that follows."""
    answer = client.post(
        f"/ui/feeds/{feed}/refresh",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        follow_redirects=False,
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/balances/ui/feeds/{feed}")
    return Shown(client, answer.headers["location"]).text


def test_the_button_reads_the_feed_and_the_page_shows_the_result(service: Service, feeds: Feeds) -> None:
    client = service(demo=str(feeds.sample))
    assert "The feed has never been read." in Shown(client, "/ui/feeds/demo").text
    press(client)
    until(lambda: "The feed is being read" not in Shown(client, "/ui/feeds/demo").text)
    text = Shown(client, "/ui/feeds/demo").text
    assert "Complete The whole feed was read." in text
    assert "Total 18,377.16 CAD" in text


def test_the_page_shows_the_progress_until_the_refresh_ends(service: Service, halting: Halting) -> None:
    client = service(demo=halting.server.url)
    press(client)
    until(lambda: "20 of 38 rows on 2 pages so far" in Shown(client, "/ui/feeds/demo").text)
    shown = Shown(client, "/ui/feeds/demo/state")
    assert 'max="38" value="20"' in shown.html
    assert 'data-every="1"' in shown.html
    halting.go.set()
    until(lambda: "The feed is being read" not in Shown(client, "/ui/feeds/demo/state").text)
    shown = Shown(client, "/ui/feeds/demo/state")
    assert "Total 18,377.16 CAD" in shown.text
    assert 'data-every="15"' in shown.html


def test_without_scripts_the_progress_can_be_reloaded(service: Service, halting: Halting) -> None:
    client = service(demo=halting.server.url)
    press(client)
    html = Shown(client, "/ui/feeds/demo").html
    assert '<noscript><p><a class="button" href="/balances/ui/feeds/demo">Reload</a></p></noscript>' in html


def test_two_clicks_read_the_feed_once(service: Service, halting: Halting) -> None:
    client = service(demo=halting.server.url)
    press(client)
    assert "The feed is being read already." in press(client)
    halting.go.set()
    until(lambda: "Complete" in Shown(client, "/ui/feeds/demo").text)
    assert halting.server.asked.count(3) == 1


def test_a_refresh_that_is_too_soon_says_when_the_next_one_is_possible(
    service: Service, feeds: Feeds
) -> None:
    client = service(demo={"url": str(feeds.sample), "min_interval": 3600})
    press(client)
    until(lambda: "Complete" in Shown(client, "/ui/feeds/demo").text)
    text = press(client)
    assert re.search(
        r"The last refresh began a short time ago. The feed can be read again in (59 minutes|1 hour)\.", text
    )
    assert "The feed can be read again 1 hour after the last refresh began." in text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "Not valid The bank answered with something that cannot be used."),
        (503, "Not reachable The bank did not answer"),
    ],
)
def test_a_failed_refresh_is_said_in_words(service: Service, feeds: Feeds, status: int, words: str) -> None:
    server = feeds.serve(lambda *_: feeds.reply(status))
    client = service(demo={"url": server.url, "min_interval": 0, "attempts": 1})
    press(client)
    until(lambda: words in Shown(client, "/ui/feeds/demo").text)
    text = Shown(client, "/ui/feeds/demo").text
    assert "Details of the error" in text
    assert "There is no snapshot, because no refresh has been complete yet." in text


def test_all_feeds_are_listed_with_their_last_refresh(service: Service, feeds: Feeds) -> None:
    broken = feeds.serve(lambda *_: feeds.reply(403)).url
    client = service(main=str(feeds.sample), broken=broken, never=str(feeds.sample))
    for feed in ("main", "broken"):
        client.post(f"/v1/refresh?feed={feed}")
    main, second, third = Shown(client, "/ui/feeds").rows
    assert main[:2] == ["main", "18,377.16 CAD"]
    assert "Complete" in main[3]
    assert second[:3] == ["broken", "\u2013", "Never"]
    assert "Not valid" in second[3]
    assert third[:4] == ["never", "\u2013", "Never", "Never"]


def test_the_csv_of_the_feeds_has_totals_and_results(service: Service, feeds: Feeds) -> None:
    client = service(main=str(feeds.sample), never=str(feeds.sample))
    client.post("/v1/refresh").raise_for_status()
    header, main, never = client.get("/ui/feeds.csv").content.decode("utf-8-sig").splitlines()
    assert header.startswith("feed,currency,total,rows,pages,digest,fetched_at,last_refresh")
    assert main.startswith("main,CAD,18377.16,38,4,")
    assert never == "never,,,,,,,,,,"


def test_an_unknown_feed_has_no_page(sample: Any) -> None:
    assert (
        "There is no feed with the name &#39;x&#39;." in Shown(sample.client, "/ui/feeds/x", status=404).html
    )
    assert sample.client.post("/ui/feeds/x/refresh").status_code == 404


def test_a_form_of_another_site_cannot_read_the_feed(sample: Any) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert sample.client.post("/ui/feeds/demo/refresh", headers=headers).status_code == 403
