"""The pages for people on a large lab: the time and size of each response, and the first paint in Chromium."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import httpx
from playwright.sync_api import Page, sync_playwright

from bench.errors import BenchError
from bench.large_lab import fill, write_feed
from bench.processes import free_port, running, wait_until_answers
from bench.tables import goal, number, table

PAGES: Mapping[str, str] = {
    "portal": "/",
    "services": "/status/ui/",
    "containers, newest first": "/inventory/ui/containers",
    "containers, by description": "/inventory/ui/containers?sort=description",
    "containers, a search with many matches": "/inventory/ui/containers?q=plasmid",
    "containers, a search without a match": "/inventory/ui/containers?q=surely-not-there",
    "containers of one freezer": "/inventory/ui/containers?freezer_id=20",
    "one container": "/inventory/ui/containers/5000",
    "form for a container": "/inventory/ui/containers/new",
    "freezers": "/inventory/ui/freezers",
    "sites": "/inventory/ui/sites",
    "instruments": "/inventory/ui/instruments",
    "events": "/inventory/ui/events",
    "notifications": "/inventory/ui/notifications",
    "people": "/inventory/ui/people",
    "balances": "/balances/ui/",
    "days": "/balances/ui/days",
    "transactions": "/balances/ui/transactions",
    "transactions, by amount": "/balances/ui/transactions?sort=amount",
    "transactions, a search": "/balances/ui/transactions?q=coffee",
    "categories": "/balances/ui/categories",
    "vendors": "/balances/ui/vendors",
    "possible duplicates": "/balances/ui/duplicates",
    "feeds": "/balances/ui/feeds",
}
WITH_CHART = frozenset({"balances"})
"""Pages whose size is not limited, because they have a chart."""

BROWSER = {"Accept": "text/html"}
GOAL_MS = 30.0
GOAL_PAINT_MS = 300.0
GOAL_BYTES = 100_000


class Measured(NamedTuple):
    """One page; times are in milliseconds."""

    name: str
    p50: float
    p95: float
    size: int
    """Bytes of HTML, not compressed."""
    paint: float | None
    """First contentful paint; None without Chromium."""


def run(folder: Path, requests: int, loads: int, say: Callable[[str], None]) -> list[Measured]:
    """Start everything on a large lab, and request each page one after the other, `requests` times."""
    with _large_lab(folder, say) as url, httpx.Client(base_url=url, timeout=60, headers=BROWSER) as client:
        responses = {name: _request(client, path, requests) for name, path in PAGES.items()}
        say("pages: first paint in Chromium")
        paints = _paints(url, loads)
    return [Measured(name, *responses[name], paints.get(name)) for name in PAGES]


@contextmanager
def _large_lab(folder: Path, say: Callable[[str], None]) -> Iterator[str]:
    """The URL of all services with 100,000 containers and 100,000 transactions."""
    say("pages: a lab with 100,000 containers and 100,000 transactions")
    feed, lab = folder / "large-feed", folder / "large-lab"
    write_feed(feed)
    feed_port, port = free_port(), free_port()
    serve_feed: list[str | Path] = [sys.executable, "-m", "bench.feed_server", feed, str(feed_port), "0"]
    settings = {
        "LOCAL_DIR": str(lab),
        "PORT": str(port),
        "ACCESS": "open",
        "DEMO": "0",
        "LOG_FORMAT": "json",
        "FEEDS": f'{{"large": {{"url": "http://127.0.0.1:{feed_port}", "currency": "CAD", "min_interval": 0}}}}',
    }
    url = f"http://127.0.0.1:{port}"
    with (
        running(serve_feed, folder / "large-feed.log") as feed_process,
        running([Path(sys.executable).with_name("benchtop")], folder / "lab.log", settings) as process,
    ):
        wait_until_answers(f"http://127.0.0.1:{feed_port}/1.json", feed_process, folder / "large-feed.log")
        wait_until_answers(f"{url}/inventory/health/ready", process, folder / "lab.log")
        fill(f"user=inventory dbname=benchtop host={lab / 'postgres'}")
        refreshed = httpx.post(f"{url}/balances/v1/refresh", timeout=300)
        if refreshed.status_code not in (httpx.codes.OK, httpx.codes.CONFLICT):
            raise BenchError(f"The feed cannot be read: {refreshed.text}")
        wait_until_answers(f"{url}/balances/v1/balances/total", process, folder / "lab.log")
        yield url


def _request(client: httpx.Client, path: str, requests: int) -> tuple[float, float, int]:
    milliseconds = []
    size = 0
    for number_of_request in range(requests + 3):
        began = time.perf_counter()
        response = client.get(path)
        elapsed = (time.perf_counter() - began) * 1000
        if response.status_code != httpx.codes.OK:
            raise BenchError(f"{path} gives {response.status_code}: {response.text[:500]}")
        if number_of_request >= 3:  # the first ones fill caches
            milliseconds.append(elapsed)
        size = len(response.content)
    return median(milliseconds), quantiles(milliseconds, n=20)[-1] if requests > 1 else milliseconds[0], size


def _paints(url: str, loads: int) -> dict[str, float]:
    executable = shutil.which("chromium")
    if executable is None:
        return {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        paints = {
            name: median(_paint(page, url + path) for _ in range(loads)) for name, path in PAGES.items()
        }
        browser.close()
    return paints


def _paint(page: Page, url: str) -> float:
    page.goto(url)
    paint: float = page.evaluate(
        "new Promise(done => new PerformanceObserver(list => done(list.getEntries()[0].startTime))"
        ".observe({type: 'paint', buffered: true}))"
    )
    return paint


def report(measured: list[Measured]) -> str:
    """The table and the goals."""
    rows = [
        [
            f"{one.name} `{PAGES[one.name]}`",
            number(one.p50),
            number(one.p95),
            number(one.size / 1000),
            "" if one.paint is None else number(one.paint),
        ]
        for one in measured
    ]
    painted = [one.paint for one in measured if one.paint is not None]
    goals = [
        goal("the median of each page under 30 ms", max(one.p50 for one in measured), at_most=GOAL_MS),
        goal(
            "each page without a chart under 100 kB",
            max(one.size for one in measured if one.name not in WITH_CHART) / 1000,
            at_most=GOAL_BYTES / 1000,
        ),
    ]
    if painted:
        goals.append(goal("first paint of each page under 300 ms", max(painted), at_most=GOAL_PAINT_MS))
    head = ["page", "p50 ms", "p95 ms", "kB of HTML", "first paint ms"]
    return table(head, rows) + "\n\n" + "\n\n".join(goals)
