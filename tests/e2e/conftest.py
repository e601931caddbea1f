"""A release in a namespace of its own, which is always deleted at the end.

CONTRIBUTING.md describes the environment variables `E2E_INGRESS_URL`, `E2E_IMAGE_PREFIX`, `E2E_IMAGE_TAG`,
`E2E_UPGRADE_TAG` and `E2E_GATEWAY`.
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
from tests.e2e.tokens import Token
from tests.e2e.traffic import MIXED, Traffic

ROOT = Path(__file__).parents[2]
MARK = "benchtop-e2e"
"""Label of the namespaces that these tests created; only those are deleted."""

SPACE = "benchtop-e2e"
ELSEWHERE = "benchtop-e2e-elsewhere"
HOST = "benchtop-e2e.example"

figures_key = pytest.StashKey[Figures]()


class Target(NamedTuple):
    """The URL of the Ingress controller, and the images to test."""

    url: str
    prefix: str
    tag: str
    upgrade_tag: str
    gateway: str

    def image(self, service: str) -> str:
        """Name and tag of the image of a service."""
        return f"{self.prefix}{service}:{self.tag}"


def target() -> Target:
    """Read the target from the environment."""
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
    """Exit at once with one line if a requirement is missing."""
    if session.config.option.collectonly or not session.items:
        return
    if missing := missing_to_begin():
        pytest.exit(f"make e2e {missing}", returncode=2)


def missing_to_begin() -> str:
    """The missing requirement, or an empty string."""
    for command in ("kubectl", "helm"):
        if not shutil.which(command):
            return f"needs {command} on PATH"
    for question in (["config", "current-context"], ["get", "--raw", "/readyz", "--request-timeout=10s"]):
        asked = subprocess.run(["kubectl", *question], capture_output=True, text=True, check=False)
        if asked.returncode:
            why = asked.stderr.strip().splitlines()[-1]
            return f"needs a cluster, but kubectl cannot reach one: {why}"
    where = urlsplit(target().url)
    try:
        socket.create_connection((where.hostname or "", where.port or 80), timeout=10).close()
    except OSError as error:
        return f"needs an Ingress controller at {target().url} (E2E_INGRESS_URL), but cannot connect: {error}"
    return ""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if figures := config.stash[figures_key]:
        terminalreporter.section("figures")
        figures.write(terminalreporter.write_line)


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> Figures:
    """The table of measurements, which is printed at the end."""
    return request.config.stash[figures_key]


@pytest.fixture(scope="session")
def images() -> Target:
    """The URL of the Ingress controller, and the images to test."""
    return target()


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The cluster of the current kube context."""
    return Cluster()


@contextmanager
def namespaces_of_our_own(cluster: Cluster, *names: str) -> Iterator[None]:
    """Create namespaces for the block, and delete them afterwards."""
    for name in names:
        if left := cluster.find("Namespace", name):
            if left["metadata"].get("labels", {}).get("app.kubernetes.io/managed-by") != MARK:
                pytest.exit(
                    f"make e2e needs a namespace {name} of its own, but one that it did not create exists", 2
                )
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
    """The names of the release's namespace and of the other namespace."""
    with namespaces_of_our_own(cluster, SPACE, ELSEWHERE):
        yield SPACE, ELSEWHERE


@pytest.fixture(scope="session")
def elsewhere(cluster: Cluster, images: Target, namespaces: tuple[str, str]) -> str:
    """Another namespace, with the bank's feed and a pod that may not connect to Benchtop."""
    _, name = namespaces
    image = images.image("balances")
    for one in [*outside.feed(image), outside.idle("stranger", image)]:
        cluster.create(one, name)
    for pod in ("feed", "stranger"):
        cluster.wait_for_pod(pod, name)
    return name


@pytest.fixture(scope="session")
def feed_url(elsewhere: str) -> str:
    """The URL of the bank's feed inside the cluster."""
    return f"http://feed.{elsewhere}.svc.cluster.local:{outside.FEED_PORT}"


@pytest.fixture(scope="session")
def observability(cluster: Cluster) -> Iterator[str]:
    """Apply Prometheus, Loki and the Collector of k8s/ and the Operator's Prometheus, if none of them exists yet."""
    before = [name for name in ("monitoring", "logging", "benchtop") if cluster.find("Namespace", name)]
    if before:
        pytest.exit(
            f"make e2e creates and deletes the objects of k8s/, but these exist already: {', '.join(before)}",
            2,
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
"""The Prometheus of k8s/, which discovers pods, and the Operator's, which uses the charts' monitors and rules."""


@pytest.fixture(scope="session")
def prometheuses(cluster: Cluster, observability: str) -> Iterator[dict[str, Prometheus]]:
    """Both Prometheus servers."""
    if not cluster.has("ServiceMonitor"):
        pytest.fail(
            "this test needs the Prometheus Operator (https://prometheus-operator.dev) in the cluster"
        )
    with ExitStack() as stack:
        found = {}
        for name, service in PROMETHEUSES.items():
            url = stack.enter_context(forwarded(observability, service, 9090))
            found[name] = stack.enter_context(closing(Prometheus(url)))
        yield found


@pytest.fixture(params=PROMETHEUSES)
def prometheus(request: pytest.FixtureRequest, prometheuses: dict[str, Prometheus]) -> Prometheus:
    """One Prometheus after the other."""
    return prometheuses[request.param]


@pytest.fixture(scope="session")
def release(
    cluster: Cluster,
    images: Target,
    namespaces: tuple[str, str],
    feed_url: str,
    observability: str,
) -> Release:
    """Benchtop with a trial PostgreSQL and a feed."""
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
def admin(release: Release) -> Token:
    """A token of the first person, who has the role admin."""
    return Token(release.namespace, f"{release.name}-admin")


@pytest.fixture(scope="session")
def ingress(release: Release, images: Target, admin: Token) -> Iterator[httpx.Client]:
    """A client that sends requests through the Ingress, after the Ingress controller has noticed the release."""
    with httpx.Client(
        base_url=images.url, headers={"Host": release.host}, auth=admin, timeout=30, trust_env=False
    ) as client:
        for path in EACH_SERVICE:
            answered(client, path)
        yield client


@pytest.fixture
def traffic(release: Release, images: Target, ingress: httpx.Client, admin: Token) -> Callable[..., Traffic]:
    """Create clients that send requests through the Ingress, after the feed of balances has been read."""
    for path in EACH_SERVICE:  # after a fault the Ingress controller may know of no pod for a moment
        answered(ingress, path)
    ingress.post("/balances/v1/refresh").raise_for_status()
    return lambda asks=MIXED: Traffic(images.url, release.host, asks, admin)


@pytest.fixture(scope="session")
def memory(cluster: Cluster, release: Release) -> Memory:
    """The highest memory use of the pods."""
    return Memory(cluster, release)
