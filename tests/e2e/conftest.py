"""A release in a namespace of its own, which is removed at the end whatever happened.

`E2E_INGRESS_URL` is where the ingress answers; `E2E_IMAGE_PREFIX` and `E2E_IMAGE_TAG` name the images
(`benchtop/` and the charts' version); `E2E_UPGRADE_TAG` is another tag of the same images, to upgrade to;
`E2E_GATEWAY` is namespace and name of a Gateway that answers at the same URL.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
import yaml
from tests.e2e import outside
from tests.e2e.cluster import Cluster, forwarded, kubectl
from tests.e2e.figures import Figures
from tests.e2e.ingress import EACH_SERVICE, answered
from tests.e2e.memory import Memory
from tests.e2e.prometheus import Prometheus
from tests.e2e.release import CHARTS, Release, merged
from tests.e2e.traffic import MIXED, Traffic

ROOT = Path(__file__).parents[2]
MARK = "benchtop-e2e"
"""Who made a namespace: only those are removed."""

SPACE = "benchtop-e2e"
ELSEWHERE = "benchtop-e2e-elsewhere"
HOST = "benchtop-e2e.example"

figures_key = pytest.StashKey[Figures]()


class Target(NamedTuple):
    """Where the ingress answers, and which images are tried."""

    url: str
    prefix: str
    tag: str
    upgrade_tag: str
    gateway: str

    def image(self, service: str) -> str:
        """Name and tag of a service's image."""
        return f"{self.prefix}{service}:{self.tag}"


def target() -> Target:
    """What the environment says."""
    version = yaml.safe_load((CHARTS / "benchtop/Chart.yaml").read_text())["appVersion"]
    tag = os.environ.get("E2E_IMAGE_TAG") or version
    return Target(
        os.environ.get("E2E_INGRESS_URL") or "http://127.0.0.1:8080",
        os.environ.get("E2E_IMAGE_PREFIX") or "benchtop/",
        tag,
        os.environ.get("E2E_UPGRADE_TAG") or f"{tag}-next",
        os.environ.get("E2E_GATEWAY") or "kube-system/web",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[figures_key] = Figures()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Say at once, in one line, what is missing to begin."""
    if session.config.option.collectonly or not session.items:
        return
    if missing := missing_to_begin():
        pytest.exit(f"make e2e {missing}", returncode=2)


def missing_to_begin() -> str:
    """What keeps the tests from beginning, if anything does."""
    for command in ("kubectl", "helm"):
        if not shutil.which(command):
            return f"needs {command} on PATH"
    for question in (["config", "current-context"], ["get", "--raw", "/readyz", "--request-timeout=10s"]):
        asked = subprocess.run(["kubectl", *question], capture_output=True, text=True, check=False)
        if asked.returncode:
            why = asked.stderr.strip().splitlines()[-1]
            return f"needs a cluster, the one that kubectl talks to, and there is none: {why}"
    where = urlsplit(target().url)
    try:
        socket.create_connection((where.hostname or "", where.port or 80), timeout=10).close()
    except OSError as error:
        return (
            f"needs an ingress at {target().url} (E2E_INGRESS_URL says where), which does not answer: {error}"
        )
    return ""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if figures := config.stash[figures_key]:
        terminalreporter.section("figures")
        figures.write(terminalreporter.write_line)


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> Figures:
    """The table that is printed at the end."""
    return request.config.stash[figures_key]


@pytest.fixture(scope="session")
def images() -> Target:
    """Where the ingress answers, and which images are tried."""
    return target()


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The cluster of the current kube context."""
    return Cluster()


@contextmanager
def namespaces_of_our_own(cluster: Cluster, *names: str) -> Iterator[None]:
    """Namespaces that were not there before, and are not there afterwards."""
    for name in names:
        if left := cluster.find("Namespace", name):
            if left["metadata"].get("labels", {}).get("app.kubernetes.io/managed-by") != MARK:
                pytest.exit(f"make e2e needs the namespace {name} for itself; somebody else has made it", 2)
            cluster.gone("Namespace", name, seconds=180)
        cluster.create(outside.namespace(name, MARK))
    try:
        yield
    finally:
        for name in names:
            cluster.delete("Namespace", name)
        for name in names:
            cluster.gone("Namespace", name, seconds=180)


@pytest.fixture(scope="session")
def namespaces(cluster: Cluster) -> Iterator[tuple[str, str]]:
    """Names of that of the release, and of another."""
    with namespaces_of_our_own(cluster, SPACE, ELSEWHERE):
        yield SPACE, ELSEWHERE


@pytest.fixture(scope="session")
def elsewhere(cluster: Cluster, images: Target, namespaces: tuple[str, str]) -> str:
    """Another namespace: the bank's feed is there, and a pod that has no business with Benchtop."""
    _, name = namespaces
    image = images.image("balances")
    for one in [*outside.feed(image), outside.idle("stranger", image)]:
        cluster.create(one, name)
    for pod in ("feed", "stranger"):
        cluster.wait_for_pod(pod, name)
    return name


@pytest.fixture(scope="session")
def feed_url(elsewhere: str) -> str:
    """Where pods find the bank's feed."""
    return f"http://feed.{elsewhere}.svc.cluster.local:{outside.FEED_PORT}"


@pytest.fixture(scope="session")
def observability(cluster: Cluster) -> Iterator[str]:
    """Prometheus, Loki and the Collector of k8s/, and the Operator's Prometheus, where nobody has made them before."""
    before = [name for name in ("monitoring", "logging", "benchtop") if cluster.find("Namespace", name)]
    if before:
        pytest.exit(
            f"make e2e makes and removes what is in k8s/, and there is already: {', '.join(before)}", 2
        )
    parts = [str(ROOT / "k8s"), *([str(ROOT / "k8s/operator")] if cluster.has("ServiceMonitor") else [])]
    try:
        for part in parts:
            kubectl("apply", "-k", part)
        for namespace, workload in [
            ("monitoring", "deployment/prometheus"),
            ("monitoring", "deployment/loki"),
            ("logging", "daemonset/collector"),
        ]:
            kubectl("rollout", "status", "-n", namespace, workload, "--timeout=150s")
        yield "monitoring"
    finally:
        for part in reversed(parts):
            kubectl("delete", "-k", part, "--ignore-not-found", "--timeout=120s")


PROMETHEUSES = {"discovery": "service/prometheus", "operator": "service/prometheus-operated"}
"""That of k8s/, which discovers pods; and the Operator's, which takes the charts' monitors and rules."""


@pytest.fixture(scope="session")
def prometheuses(cluster: Cluster, observability: str) -> Iterator[dict[str, Prometheus]]:
    """Both of them."""
    if not cluster.has("ServiceMonitor"):
        pytest.fail(
            "the cluster has no Prometheus Operator (https://prometheus-operator.dev), which this needs"
        )
    with ExitStack() as stack:
        found = {}
        for name, service in PROMETHEUSES.items():
            url = stack.enter_context(forwarded(observability, service, 9090))
            found[name] = stack.enter_context(closing(Prometheus(url)))
        yield found


@pytest.fixture(params=PROMETHEUSES)
def prometheus(request: pytest.FixtureRequest, prometheuses: dict[str, Prometheus]) -> Prometheus:
    """The one, then the other."""
    return prometheuses[request.param]


@pytest.fixture(scope="session")
def release(
    cluster: Cluster,
    images: Target,
    namespaces: tuple[str, str],
    feed_url: str,
    observability: str,
) -> Release:
    """Benchtop, with a trial PostgreSQL and a feed."""
    space, elsewhere = namespaces
    values: dict[str, Any] = {
        "ingress": {"host": HOST},
        "postgresql": {"enabled": True},
        "balances": {
            "feeds": [{"name": "bank", "url": feed_url, "currency": "CAD", "min_interval": 0}],
            "networkPolicy": {
                "feeds": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": elsewhere}}}],
            },
            "refresh": {"schedule": "* * * * *"},
        },
    }
    operated = {"enabled": cluster.has("ServiceMonitor")}
    for service in ("status", "inventory", "balances"):
        of_all = {
            "image": {"repository": images.prefix + service, "tag": images.tag},
            "networkPolicy": {"prometheusNamespaces": [observability]},
            "monitoring": {"serviceMonitor": {**operated, "interval": "15s"}, "rules": operated},
        }
        values[service] = merged(values.get(service, {}), of_all)
    installed = Release(cluster, "benchtop", space, values)
    installed.install()
    return installed


@pytest.fixture(scope="session")
def ingress(release: Release, images: Target) -> Iterator[httpx.Client]:
    """Asks through the ingress, once it has noticed the release."""
    with httpx.Client(
        base_url=images.url, headers={"Host": release.host}, timeout=30, trust_env=False
    ) as client:
        for path in EACH_SERVICE:
            answered(client, path)
        yield client


@pytest.fixture
def traffic(release: Release, images: Target, ingress: httpx.Client) -> Callable[..., Traffic]:
    """Makes clients that ask through the ingress, of balances too: its feed has been read."""
    ingress.post("/balances/v1/refresh").raise_for_status()
    return lambda asks=MIXED: Traffic(images.url, release.host, asks)


@pytest.fixture(scope="session")
def memory(cluster: Cluster, release: Release) -> Memory:
    """What the pods were seen to hold."""
    return Memory(cluster, release)
