"""The privileges of the running pods."""

import base64
import json

import pytest
from kubernetes.dynamic.exceptions import ForbiddenError
from tests.e2e import outside
from tests.e2e.cluster import Cluster, Object
from tests.e2e.conftest import Target
from tests.e2e.release import Release

NO_CAPABILITIES = "0000000000000000"
TOKEN = "/var/run/secrets/benchtop/cluster/token"  # noqa: S105  the path of a token


@pytest.mark.parametrize(
    "change",
    [
        {"allowPrivilegeEscalation": True},
        {"allowPrivilegeEscalation": True, "privileged": True},
        {"runAsUser": 0},
        {"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}},
    ],
    ids=lambda change: list(change)[-1],
)
def test_a_pod_that_breaks_the_level_is_refused(
    cluster: Cluster, release: Release, images: Target, change: Object
) -> None:
    body = outside.idle("breaks-the-level", images.image("status"))
    body["spec"]["containers"][0]["securityContext"] = {**outside.RESTRICTED, **change}
    with pytest.raises(ForbiddenError) as refused:
        cluster.create(body, release.namespace)
    assert "violates PodSecurity" in str(refused.value.body)


def test_every_pod_runs_with_the_least_privileges(release: Release) -> None:
    for pod in release.cluster.all("Pod", release.namespace, release.labels()):
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] > 0
        for container in spec["containers"] + spec.get("initContainers", []):
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]


def test_every_process_does_run_with_the_least(cluster: Cluster, release: Release) -> None:
    for pod in release.pods():
        name, user = pod["metadata"]["name"], pod["spec"]["securityContext"]["runAsUser"]
        status = process_status(cluster, pod)
        assert status["Uid"].split() == 4 * [str(user)], name
        held = {key: value for key, value in status.items() if key in {"CapPrm", "CapEff", "CapBnd"}}
        assert held == dict.fromkeys(("CapPrm", "CapEff", "CapBnd"), NO_CAPABILITIES), name
        assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2"), name


def process_status(cluster: Cluster, pod: Object) -> dict[str, str]:
    """The status of the first process in a pod, from the kernel."""
    text = cluster.run_in(pod["metadata"]["name"], pod["metadata"]["namespace"], "cat", "/proc/1/status")
    return {key: value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}


def test_every_root_file_system_is_read_only(cluster: Cluster, release: Release) -> None:
    for pod in release.pods():
        name = pod["metadata"]["name"]
        mounts = cluster.run_in(name, release.namespace, "cat", "/proc/1/mounts").splitlines()
        (root,) = [mount.split() for mount in mounts if mount.split()[1] == "/"]
        assert "ro" in root[3].split(","), name


def test_only_an_api_has_a_token_which_expires_after_an_hour(cluster: Cluster, release: Release) -> None:
    for pod in release.pods():
        name = pod["metadata"]["name"]
        mounts = cluster.run_in(name, release.namespace, "cat", "/proc/1/mounts")
        assert "kubernetes.io" not in mounts
        if pod["metadata"]["labels"]["app.kubernetes.io/component"] == "api":
            claims = claims_of(cluster.run_in(name, release.namespace, "cat", TOKEN))
            assert claims["exp"] - claims["iat"] <= 3600
            assert "benchtop" not in claims["aud"]  # so no service takes it for a caller's
        else:
            assert "secrets/benchtop" not in mounts
            with pytest.raises(RuntimeError, match="No such file"):
                cluster.run_in(name, release.namespace, "cat", TOKEN)


def claims_of(token: str) -> Object:
    """The claims of a JWT."""
    payload = token.split(".")[1]
    found: Object = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found
