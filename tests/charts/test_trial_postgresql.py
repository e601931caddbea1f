"""The trial PostgreSQL of the umbrella chart."""

import base64
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.charts import cluster

Render = Callable[..., Any]


def test_each_service_has_a_role_of_its_own_and_sees_only_its_own_password(trial: Any) -> None:
    for service in ("inventory", "balances"):
        secret = trial.one("Secret", f"lab-postgresql-{service}")["stringData"]
        assert secret["uri"] == f"postgresql://{service}:{secret['password']}@lab-postgresql:5432/benchtop"
        for pod in trial.pods("Deployment", "CronJob"):
            if pod.labels["app.kubernetes.io/name"] == service:
                sources = next(volume for volume in pod.spec["volumes"] if volume["name"] == "settings")
                mounted = [
                    source["secret"]["name"]
                    for source in sources["projected"]["sources"]
                    if "secret" in source
                ]
                assert [name for name in mounted if name != "lab-session"] == [f"lab-postgresql-{service}"]


def test_no_password_is_like_another(trial: Any) -> None:
    passwords = [secret["stringData"]["password"] for secret in trial.of("Secret")]
    assert len(passwords) == len(set(passwords)) == 3
    assert min(map(len, passwords)) >= 32


def test_passwords_and_data_stay_when_the_release_goes(trial: Any) -> None:
    for secret in trial.of("Secret"):
        assert secret["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    database = trial.one("StatefulSet", "lab-postgresql")
    assert database["spec"]["persistentVolumeClaimRetentionPolicy"] == {
        "whenDeleted": "Retain",
        "whenScaled": "Retain",
    }


def test_it_ends_its_connections_before_it_stops(trial: Any) -> None:
    (pod,) = trial.pods("StatefulSet")
    assert pod.container["lifecycle"]["preStop"]["exec"]["command"] == ["pg_ctl", "kill", "INT", "1"]


def test_its_volume_is_the_users_choice(render: Render) -> None:
    storage = {"size": "5Gi", "className": "fast"}
    objects = render("benchtop", {"postgresql": {"enabled": True, "storage": storage}}).objects
    (claim,) = objects.one("StatefulSet", "lab-postgresql")["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["resources"]["requests"]["storage"] == "5Gi"
    assert claim["spec"]["storageClassName"] == "fast"


def test_its_registry_and_its_nodes_are_the_users_choice(render: Render) -> None:
    theirs = {
        "imagePullSecrets": [{"name": "registry"}],
        "nodeSelector": {"disk": "fast"},
        "tolerations": [{"key": "lab", "operator": "Exists"}],
    }
    (pod,) = render("benchtop", {"postgresql": {"enabled": True, **theirs}}).objects.pods("StatefulSet")
    assert {name: pod.spec[name] for name in theirs} == theirs


def test_it_is_not_installed_by_default(render: Render) -> None:
    database = {"database": {"existingSecret": "x"}}
    objects = render("benchtop", {"inventory": database, "balances": database}).objects
    assert objects.of("StatefulSet", "Secret") == []


def there(kind: str, name: str, version: str = "v1", **rest: Any) -> cluster.Object:
    """An object in the namespace `lab` of the cluster."""
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "lab"}, **rest}


VOLUME = there("PersistentVolumeClaim", "data-lab-postgresql-0")
PASSWORDS = {user: f"password of {user}" for user in ("postgres", "inventory", "balances")}
SECRETS = [
    there("Secret", f"lab-postgresql-{user}", data={"password": base64.b64encode(password.encode()).decode()})
    for user, password in PASSWORDS.items()
]


@pytest.fixture
def upgraded(helm: str, charts: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A function that renders the umbrella chart for an upgrade, in a cluster with some objects."""

    def run(*objects: cluster.Object, settings: str = "", way: str = "--is-upgrade") -> Any:
        with cluster.having(*objects) as address:
            command = [helm, "template", "lab", str(charts / "benchtop"), "--namespace", "lab", way]
            command += ["--dry-run=server", "--kube-apiserver", address, "--disable-openapi-validation"]
            command += ["--set", f"postgresql.enabled=true,{settings}"]
            nowhere = {**os.environ, "KUBECONFIG": os.devnull}
            return subprocess.run(command, capture_output=True, text=True, check=False, env=nowhere)

    return run


def test_its_passwords_are_made_once(upgraded: Any) -> None:
    done = upgraded(VOLUME, *SECRETS)
    secrets = [one for one in yaml.safe_load_all(done.stdout) if one and one["kind"] == "Secret"]
    assert {one["metadata"]["name"]: one["stringData"]["password"] for one in secrets} == {
        f"lab-postgresql-{user}": password for user, password in PASSWORDS.items()
    }


@pytest.mark.parametrize("lost", range(3))
def test_no_new_password_is_made_for_data_that_opens_with_another(upgraded: Any, lost: int) -> None:
    done = upgraded(VOLUME, *(secret for secret in SECRETS if secret is not SECRETS[lost]))
    assert done.returncode != 0
    assert (
        f'The secret "{SECRETS[lost]["metadata"]["name"]}" is missing in the namespace "lab"' in done.stderr
    )
    assert 'the volume "data-lab-postgresql-0" still exists' in done.stderr
    assert "helm -n lab rollback lab REVISION" in done.stderr
    assert "kubectl -n lab delete statefulset,pvc,secret -l app.kubernetes.io/name=postgresql," in done.stderr


def test_a_release_that_comes_back_to_its_data_needs_its_secrets_too(upgraded: Any) -> None:
    done = upgraded(VOLUME, way="--no-hooks")
    assert "Restore the secret from your copy of it." in done.stderr


def test_where_there_is_no_data_yet_passwords_are_made(upgraded: Any) -> None:
    assert upgraded().returncode == 0


def database(size: str, **storage: str) -> cluster.Object:
    """An existing StatefulSet with a volume of some size."""
    claim = {"spec": {"resources": {"requests": {"storage": size}}, **storage}}
    return there("StatefulSet", "lab-postgresql", "apps/v1", spec={"volumeClaimTemplates": [claim]})


@pytest.mark.parametrize(
    ("now", "wanted", "allowed"),
    [
        ("1Gi", "1Gi", True),
        ("1Gi", "1024Mi", True),
        ("1536Mi", "1.5Gi", True),
        ("107374182400m", "0.1Gi", True),
        ("1Gi", "2Gi", False),
        ("1Gi", "1G", False),
    ],
)
def test_the_size_of_its_volume_counts_at_install_only(
    upgraded: Any, now: str, wanted: str, allowed: bool
) -> None:
    done = upgraded(database(now), VOLUME, *SECRETS, settings=f"postgresql.storage.size={wanted}")
    assert (done.returncode == 0) is allowed
    said = f'postgresql.storage.size is "{wanted}", but the volume of lab-postgresql was created with "{now}"'
    assert (said in done.stderr) is not allowed


def test_so_does_its_storage_class(upgraded: Any) -> None:
    was = database("1Gi", storageClassName="slow")
    done = upgraded(was, VOLUME, *SECRETS, settings="postgresql.storage.className=fast")
    assert 'postgresql.storage.className is "fast", but the volume of lab-postgresql was' in done.stderr
