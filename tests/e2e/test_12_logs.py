"""The log lines of the services are in Loki, as JSON, also those of deleted pods."""

import json
import time
import uuid
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest
from tests.e2e.cluster import Cluster, forwarded
from tests.e2e.figures import Figures
from tests.e2e.release import Release, helm
from tests.e2e.waiting import NotYet, until

SERVICES = "status|inventory|balances"


class Line(NamedTuple):
    """A log line with its labels and metadata."""

    text: str
    beside: dict[str, str]


class Loki:
    """Use the Loki at a URL."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def lines(self, query: str, seconds: int = 600) -> list[Line]:
        """The newest lines of a query in the last seconds."""
        start = str(time.time_ns() - seconds * 10**9)
        answer = self._client.get(
            "/loki/api/v1/query_range", params={"query": query, "start": start, "limit": 5000}
        )
        assert answer.status_code == 200, answer.text
        streams = answer.json()["data"]["result"]
        return [Line(text, stream["stream"]) for stream in streams for _, text in stream["values"]]

    def number(self, query: str) -> int:
        """The number that a query returns, or 0 if it returns nothing."""
        answer = self._client.get("/loki/api/v1/query", params={"query": query})
        assert answer.status_code == 200, answer.text
        return sum(int(one["value"][1]) for one in answer.json()["data"]["result"])


@pytest.fixture(scope="module")
def loki(observability: str) -> Iterator[Loki]:
    with (
        forwarded(observability, "service/loki", 3100) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
    ):
        yield Loki(client)


def found(loki: Loki, release: Release, ident: str) -> Line:
    """The log line of the request with an id."""
    of_inventory = f'{{service_name="inventory", k8s_namespace_name="{release.namespace}"}}'
    # The request may have other lines, for example about a lost idle connection
    lines = loki.lines(f'{of_inventory} | request_id="{ident}" | json | event="request"')
    if not lines:
        raise NotYet("no line")
    (line,) = lines
    return line


def test_a_request_is_found_by_its_id_within_30_seconds(
    release: Release, ingress: httpx.Client, loki: Loki, figures: Figures
) -> None:
    ident = str(uuid.uuid4())
    answer = ingress.get("/inventory/v1/sites", headers={"X-Request-ID": ident})
    assert answer.headers["x-request-id"] == ident
    start = time.monotonic()
    line = until("it is in Loki", lambda: found(loki, release, ident), seconds=30)
    figures.note("a request is found in Loki after", time.monotonic() - start, "s", below=30)
    assert line.beside["app_kubernetes_io_instance"] == release.name
    said = json.loads(line.text)
    assert said.keys() >= {"timestamp", "level", "event", "service", "version", "duration_ms"}
    assert (
        said.items()
        >= {
            "request_id": ident,
            "method": "GET",
            "route": "/v1/sites",
            "status": 200,
        }.items()
    )


def test_the_lines_of_a_deleted_pod_stay(
    cluster: Cluster, release: Release, ingress: httpx.Client, loki: Loki
) -> None:
    ident = str(uuid.uuid4())
    ingress.get("/inventory/v1/sites", headers={"X-Request-ID": ident})
    line = until("it is in Loki", lambda: found(loki, release, ident), seconds=30)
    pod = line.beside["k8s_pod_name"]
    cluster.gone("Pod", pod, release.namespace)
    assert found(loki, release, ident) == line
    release.wait()


def test_the_logs_of_helm_test_are_kept_after_its_pods_are_deleted(release: Release, loki: Loki) -> None:
    helm("test", release.name, "-n", release.namespace, "--timeout", "120s")
    of_tests = f'{{k8s_namespace_name="{release.namespace}"}} | app_kubernetes_io_component="test" | json'

    def look() -> None:
        if (good := loki.number(f'sum(count_over_time({of_tests} | event=~"Good: .+" [5m]))')) <= 30:
            raise NotYet(f"{good} lines")

    until("they are in Loki", look, seconds=30)
    assert loki.number(f'sum(count_over_time({of_tests} | event=~"Bad: .+" [5m]))') == 0


def test_every_line_of_a_service_is_json(release: Release, loki: Loki) -> None:
    """All lines since the installation, including those of the pods of `helm test`."""
    seconds = int(time.time() - release.installed_at)
    selected = f'{{k8s_namespace_name="{release.namespace}", service_name=~"{SERVICES}"}}'
    assert loki.number(f"sum(count_over_time({selected} [{seconds}s]))") > 100
    bad = loki.lines(f'{selected} | json | __error__!=""', seconds)
    assert [line.text for line in bad] == []


def test_every_line_that_kubectl_shows_is_json(cluster: Cluster, release: Release) -> None:
    for pod in release.services_pods():
        for line in cluster.logs(pod["metadata"]["name"], release.namespace):
            assert isinstance(json.loads(line), dict), line
