"""The promtool command, and the objects of k8s/."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parents[2]
K8S = ROOT / "k8s"


class Manifest(NamedTuple):
    """A Kubernetes object, and the file that contains it."""

    path: str
    object: dict[str, Any]


@pytest.fixture(scope="session")
def promtool() -> str:
    """The promtool command."""
    found = shutil.which("promtool") or shutil.which(ROOT / ".local/bin/promtool")
    if not found:
        pytest.fail(
            "The rules' tests need promtool, which comes with Prometheus: `make .local/bin/promtool` builds it where"
            " Go is installed."
        )
    return found


@pytest.fixture(scope="session")
def manifests() -> list[Manifest]:
    """Every object of k8s/."""
    return list(_manifests())


def _manifests() -> Iterator[Manifest]:
    for kustomization in sorted(K8S.glob("*/kustomization.yaml")):
        folder = kustomization.parent
        for name in yaml.safe_load(kustomization.read_text())["resources"]:
            if (folder / name).is_file():
                for one in yaml.safe_load_all((folder / name).read_text()):
                    yield Manifest(str((folder / name).relative_to(ROOT)), one)
