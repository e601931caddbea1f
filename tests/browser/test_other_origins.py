"""Pages of other origins change nothing, whatever they send; our own pages do."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request
from tests.browser import benchtop as local
from tests.browser.benchtop import Benchtop
from tests.browser.serving import Answer, Server, serving
from tests.browser.unsafe_requests import UnsafeRequest, everything, unsafe_requests
from tests.support.databases import creating_databases

ATTACK = Path(__file__).with_name("other_origin.js").read_text()

PAIRS = [
    pytest.param("127.0.0.1", "127.0.0.1", id="another port"),
    pytest.param("127.0.0.1", "localhost", id="another site"),
    pytest.param("lab.test", "evil.test", id="another host name, without Sec-Fetch-Site"),
]
"""Host of Benchtop, and host of the other page, which is on another port."""


@pytest.fixture(scope="module")
def benchtop(
    postgres: str, service_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Benchtop]:
    """Benchtop with an event whose notification was delivered."""
    with (
        creating_databases(postgres, service_server) as create,
        local.running(
            tmp_path_factory.mktemp("origins"), DATABASE_URL=create(), ALLOWED_HOSTS="lab.test"
        ) as running,
    ):
        running.post("/inventory/v1/events", {"user_id": "ada", "description": "The freezer is warm"})
        yield running


@pytest.fixture(scope="module")
def requests(benchtop: Benchtop) -> list[UnsafeRequest]:
    return unsafe_requests(benchtop)


@pytest.fixture(scope="module")
def other() -> Iterator[Server]:
    blank = "<!doctype html><html lang='en'><title>Another page</title><body></body></html>"
    with serving({"/": Answer(blank)}) as server:
        yield server


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that may send requests to every origin."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def unchanging(benchtop: Benchtop) -> dict[str, str]:
    """What all lists have, when the worker has nothing left to do."""
    deadline = time.monotonic() + 30
    while True:
        first = everything(benchtop)
        time.sleep(0.3)
        if first == everything(benchtop):
            return first
        assert time.monotonic() < deadline, "something changes all the time"


def at(url: str, host: str) -> str:
    """The URL with another host."""
    return url.replace("127.0.0.1", host)


@pytest.mark.parametrize(("host", "other_host"), PAIRS)
def test_a_page_of_another_origin_changes_nothing(
    benchtop: Benchtop, requests: list[UnsafeRequest], other: Server, page: Page, host: str, other_host: str
) -> None:
    before = unchanging(benchtop)
    page.goto(at(other.origin, other_host))
    target = at(benchtop.url, host)
    statuses: Counter[int] = Counter()
    accepted = []

    def note(request: Request) -> None:
        response = request.response()
        if response is None or not request.url.startswith(f"{target}/") or request.method == "OPTIONS":
            return
        if request.method != "GET":
            statuses[response.status] += 1
            if response.status not in REFUSED:
                accepted.append(f"{request.method} {urlsplit(request.url).path}: {response.status}")

    page.on("requestfinished", note)
    for one in requests:
        page.evaluate(ATTACK, {"method": one.method, "url": target + one.path, "body": dict(one.body)})
    after = unchanging(benchtop)
    assert [path for path in before if before[path] != after[path]] == []
    assert sorted(set(accepted)) == []
    assert statuses[403] > 3 * len(requests), "most of the requests did not reach the server"


@pytest.mark.parametrize(("host", "other_host"), PAIRS)
def test_a_link_from_another_origin_changes_nothing(
    benchtop: Benchtop, requests: list[UnsafeRequest], other: Server, page: Page, host: str, other_host: str
) -> None:
    before = unchanging(benchtop)
    for one in requests:
        page.goto(at(other.origin, other_host))
        page.evaluate("url => { location.href = url }", at(benchtop.url, host) + one.path)
        page.wait_for_url(at(benchtop.url, host) + "/**")
    assert unchanging(benchtop) == before


REFUSED = (403, 405)
"""Status codes of refusals; 405 if no operation has the method."""

OWN = """
async ({method, path, body}) => {
  const json = {'Content-Type': 'application/json', 'If-Match': '*'};
  const response = await fetch(path, {method, headers: json, body: body && JSON.stringify(body)});
  return response.status;
}
"""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "lab.test"])
def test_our_own_pages_may_send_every_request(
    benchtop: Benchtop, requests: list[UnsafeRequest], page: Page, host: str
) -> None:
    page.goto(at(benchtop.url, host) + "/inventory/ui/nothing")
    refused = [
        str(one)
        for one in requests
        if page.evaluate(OWN, {"method": one.method, "path": one.path, "body": dict(one.body)}) == 403
    ]
    assert refused == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "lab.test"])
def test_our_own_pages_change_what_they_may_change(benchtop: Benchtop, page: Page, host: str) -> None:
    page.goto(at(benchtop.url, host) + "/inventory/ui/nothing")
    notification = benchtop.get("/inventory/v1/notifications")["items"][0]["id"]
    for path, body, expected in (
        ("/inventory/v1/sites", {"name": f"Annex of {host}"}, {201}),
        (f"/inventory/v1/notifications/{notification}:replay", None, {200, 409}),
        ("/balances/v1/refresh", None, {200, 409, 429}),
    ):
        assert page.evaluate(OWN, {"method": "POST", "path": path, "body": body}) in expected


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "lab.test"])
def test_a_form_of_our_own_page_is_accepted(benchtop: Benchtop, page: Page, host: str) -> None:
    page.goto(at(benchtop.url, host) + "/inventory/ui/sites/new")
    page.get_by_label("Name").fill(f"Attic of {host}")
    page.get_by_role("main").get_by_role("button").first.click()
    names = [site["name"] for site in benchtop.get("/inventory/v1/sites", limit="1000")["items"]]
    assert f"Attic of {host}" in names
