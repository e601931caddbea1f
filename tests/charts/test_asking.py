"""The lookups of the charts in the cluster: secrets that must exist, and the number of pods to keep."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.charts import cluster

Asked = Callable[..., Any]

DATABASE = {"existingSecret": "theirs", "key": "uri"}
FEEDS = {"FEEDS": {"secret": "bank", "key": "feeds.json"}}
AUTOSCALED = {"api": {"autoscaling": {"enabled": True, "minReplicas": 3}}}


def there(version: str, kind: str, name: str, **fields: Any) -> cluster.Object:
    """An object in the namespace `lab` of the cluster."""
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "lab"}, **fields}


def secret(name: str, *keys: str) -> cluster.Object:
    """A secret with these keys; without `data` if there are none."""
    return there("v1", "Secret", name, **({"data": dict.fromkeys(keys, "")} if keys else {}))


def deployment(replicas: int) -> cluster.Object:
    """The Deployment of status, with a number of pods."""
    return there("apps/v1", "Deployment", "lab-status", spec={"replicas": replicas})


@pytest.fixture
def asked(helm: str, charts: Path) -> Asked:
    """A function that renders a chart as the release `lab`, in a cluster with some objects."""

    def run(chart: str, values: Any, *objects: cluster.Object) -> subprocess.CompletedProcess[str]:
        with cluster.having(there("v1", "ServiceAccount", "default"), *objects) as address:
            command = [helm, "template", "lab", str(charts / chart), "--namespace", "lab", "--values", "-"]
            command += [
                "--is-upgrade",
                "--dry-run=server",
                "--kube-apiserver",
                address,
                "--disable-openapi-validation",
            ]
            nowhere = {**os.environ, "KUBECONFIG": os.devnull}
            values = json.dumps(values)
            return subprocess.run(
                command, input=values, capture_output=True, text=True, check=False, env=nowhere
            )

    return run


@pytest.mark.parametrize(
    ("chart", "values", "message"),
    [
        (
            "inventory",
            {"database": {**DATABASE, "existingSecret": "gone"}},
            (
                'inventory needs the secret "gone", but the namespace "lab" has no secret of that name. '
                "Create it first:\n\n"
                "  kubectl -n lab create secret generic gone --from-literal=uri=postgresql://USER:PASSWORD@HOST:5432/DATABASE"
            ),
        ),
        (
            "balances",
            {"database": DATABASE, "secretSettings": FEEDS},
            (
                'balances needs the secret "bank", but the namespace "lab" has no secret of that name. '
                "Create it first:\n\n"
                "  kubectl -n lab create secret generic bank --from-literal=feeds.json=VALUE"
            ),
        ),
    ],
)
def test_a_secret_that_is_not_there_is_named_and_how_to_make_it(
    asked: Asked, chart: str, values: Any, message: str
) -> None:
    done = asked(chart, values, secret("theirs", "uri"))
    assert done.returncode != 0
    assert message in done.stderr


def test_a_key_that_a_secret_lacks_is_named_and_how_to_add_it(asked: Asked) -> None:
    secrets = secret("theirs", "uri", "host"), secret("bank")
    done = asked("inventory", {"database": {**DATABASE, "key": "url"}}, *secrets)
    assert (
        'inventory needs the key "url" of the secret "theirs" in the namespace "lab", but the secret has '
        "only the keys: host, uri. Set database.key to one of them, or add the key:\n\n"
        '  kubectl -n lab patch secret theirs --patch \'{"stringData": {"url": "VALUE"}}\''
    ) in done.stderr
    done = asked("balances", {"database": DATABASE, "secretSettings": FEEDS}, *secrets)
    assert 'needs the key "feeds.json" of the secret "bank"' in done.stderr
    assert "has only the keys: none. Set secretSettings.FEEDS.key to one of them" in done.stderr


def test_with_every_secret_there_nothing_is_said(asked: Asked) -> None:
    secrets = secret("theirs", "uri"), secret("bank", "feeds.json")
    done = asked("balances", {"database": DATABASE, "secretSettings": FEEDS}, *secrets)
    assert (done.stderr, done.returncode) == ("", 0)


@pytest.mark.parametrize("number", [0, 1, 4])
def test_an_autoscaler_takes_over_as_many_pods_as_there_are(asked: Asked, number: int) -> None:
    assert replicas(asked("status", AUTOSCALED, deployment(number))) == number


def test_an_autoscaler_begins_with_its_fewest_where_there_is_no_pod_yet(asked: Asked) -> None:
    assert replicas(asked("status", AUTOSCALED)) == 3


def test_without_an_autoscaler_values_have_it_whatever_is_there(asked: Asked) -> None:
    assert replicas(asked("status", {"api": {"replicas": 2}}, deployment(4))) == 2


def replicas(done: subprocess.CompletedProcess[str]) -> int:
    """The number of pods of the only Deployment."""
    assert done.returncode == 0, done.stderr
    (found,) = [one for one in yaml.safe_load_all(done.stdout) if one and one["kind"] == "Deployment"]
    number: int = found["spec"]["replicas"]
    return number
