"""No request through the Ingress fails while pods are replaced."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import httpx
import pytest
from tests.e2e.cluster import Cluster
from tests.e2e.conftest import Target
from tests.e2e.events import all_processed
from tests.e2e.figures import Figures
from tests.e2e.memory import Memory
from tests.e2e.release import Release, helm
from tests.e2e.traffic import Traffic

APIS = ("status", "inventory", "balances")

Unnoticed = Callable[[str], AbstractContextManager[None]]


@pytest.fixture
def unnoticed(
    traffic: Callable[[], Traffic], figures: Figures, memory: Memory, release: Release, ingress: httpx.Client
) -> Unnoticed:
    """Send requests while the block runs, and fail if a request fails or an event is lost."""

    @contextmanager
    def while_asked(what: str) -> Iterator[None]:
        release.wait()
        with traffic().flowing() as flow:
            yield
            release.wait()
        memory.look("under load")
        figures.failures(what, flow.failed, flow.requests)
        assert flow.cut_short == ""
        assert flow.failed == 0, flow.summary()
        assert flow.requests > 100
        all_processed(ingress, flow.accepted)

    return while_asked


def test_an_upgrade_to_a_new_image_fails_no_request(
    release: Release, images: Target, unnoticed: Unnoticed
) -> None:
    with unnoticed("upgrade to a new image"):
        release.upgrade({name: {"image": {"tag": images.upgrade_tag}} for name in APIS})
    assert tags(release) == {images.upgrade_tag}


def test_a_rollback_fails_no_request(release: Release, images: Target, unnoticed: Unnoticed) -> None:
    with unnoticed("rollback"):
        helm("rollback", release.name, "-n", release.namespace)
    assert tags(release) == {images.tag}


def tags(release: Release) -> set[str]:
    """The tags of the images of the services' pods."""
    return {pod["spec"]["containers"][0]["image"].rpartition(":")[2] for pod in release.services_pods()}


def test_the_deletion_of_each_pod_in_turn_fails_no_request(
    cluster: Cluster, release: Release, unnoticed: Unnoticed
) -> None:
    """All pods except the only one of the trial database, which has a test of its own."""
    before = {pod["metadata"]["name"] for pod in release.services_pods()}
    with unnoticed(f"deletion of {len(before)} pods in turn"):
        for name in before:
            cluster.delete("Pod", name, release.namespace)
            release.wait()
    assert not before & {pod["metadata"]["name"] for pod in release.services_pods()}


def test_scaling_from_one_to_three_and_back_fails_no_request(release: Release, unnoticed: Unnoticed) -> None:
    """Scale one service after the other, so that a small node has enough room."""
    for name in APIS:
        release.scale(name, 1)
    with unnoticed("scaling 1 → 3 → 1"):
        for name in APIS:
            for replicas in (3, 1):
                release.scale(name, replicas)
                release.wait()
    for name in APIS:
        release.scale(name, 2)
    release.wait()


def test_memory_under_load_is_far_below_the_limit(memory: Memory, figures: Figures) -> None:
    for component, held in sorted(memory.most["under load"].items()):
        figures.note(f"memory under load: {component}", held, "MiB")
        if not component.startswith("postgresql"):
            assert held < 128  # the limit is 256
