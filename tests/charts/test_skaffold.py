"""The images, charts, values and services in skaffold.yaml exist."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

Render = Callable[..., Any]

ROOT = Path(__file__).parents[2]
CONFIG: Any = yaml.safe_load((ROOT / "skaffold.yaml").read_text())
ARTIFACTS: list[Any] = CONFIG["build"]["artifacts"]
(RELEASE,) = CONFIG["deploy"]["helm"]["releases"]


def dockerfile(artifact: Any) -> str:
    """The Dockerfile of an artifact."""
    return Path(ROOT, artifact["docker"]["dockerfile"]).read_text()


@pytest.mark.parametrize("artifact", ARTIFACTS, ids=lambda artifact: artifact["image"].partition("/")[2])
def test_an_image_is_built_from_a_stage_that_exists_and_synced_to_where_it_runs_from(artifact: Any) -> None:
    text = dockerfile(artifact)
    if "target" in artifact["docker"]:
        stage = text.partition(f" AS {artifact['docker']['target']}\n")[2].partition("\nFROM ")[0]
        paths = re.findall(r"/src/([^:\s]+)", stage.partition("PYTHONPATH=")[2].partition("\n")[0])
        assert [f"{path}/**" for path in paths] == [rule["src"] for rule in artifact["sync"]["manual"]]
        assert {rule["dest"] for rule in artifact["sync"]["manual"]} == {"/src"}
        assert all((ROOT / path).is_dir() for path in paths)
    else:
        assert "sync" not in artifact


def installed() -> Mapping[str, Any]:
    """The values of the release in skaffold.yaml, merged."""
    values: dict[str, Any] = {}
    for file in RELEASE["valuesFiles"]:
        values |= yaml.safe_load((ROOT / file).read_text())
    return values


def test_every_image_that_is_deployed_is_one_that_is_built(render: Render) -> None:
    templates = RELEASE["setValueTemplates"]
    variable = {artifact["image"]: artifact["image"].replace("/", "_") for artifact in ARTIFACTS}
    objects = render(Path(RELEASE["chartPath"]).name, installed()).objects
    deployed = {pod.container["image"].partition(":")[0] for pod in objects.pods("Deployment", "CronJob")}
    for image in deployed:
        service = image.partition("/")[2]
        assert templates[f"{service}.image.repository"] == f"{{{{.IMAGE_REPO_{variable[image]}}}}}"
        assert templates[f"{service}.image.tag"] == f"{{{{.IMAGE_TAG_{variable[image]}}}}}"
    assert len(templates) == 2 * len(deployed)


def test_it_runs_one_pod_each_with_files_that_can_be_replaced(render: Render) -> None:
    objects = render("benchtop", installed()).objects
    for one in objects.of("Deployment"):
        assert one["spec"]["replicas"] == 1
    for pod in objects.pods("Deployment"):
        assert pod.container["securityContext"]["readOnlyRootFilesystem"] is False
        assert pod.spec["securityContext"]["runAsUser"] == 10001


def test_what_is_forwarded_and_verified_is_a_service_that_the_chart_makes(render: Render) -> None:
    services = {
        one["metadata"]["name"].replace("lab-", f"{RELEASE['name']}-"): one["spec"]["ports"][0]["port"]
        for one in render("benchtop", installed()).objects.of("Service")
    }
    for forward in CONFIG["portForward"]:
        assert services[forward["resourceName"]] == forward["port"]
        assert forward["namespace"] == RELEASE["namespace"]
    for case in CONFIG["verify"]:
        url, prefix = case["container"]["args"]
        assert url == f"http://{RELEASE['name']}-{case['name']}"
        assert services[f"{RELEASE['name']}-{case['name']}"] == 80
        assert prefix == f"/{case['name']}"
        assert case["container"]["image"] in {artifact["image"] for artifact in ARTIFACTS}
        job = yaml.safe_load(
            (ROOT / case["executionMode"]["kubernetesCluster"]["jobManifestPath"]).read_text()
        )
        assert job["metadata"]["namespace"] == RELEASE["namespace"]
        containers = {container["name"] for container in job["spec"]["template"]["spec"]["containers"]}
        assert case["container"]["name"] in containers  # the rest of the job's container then applies


def test_the_registry_profile_builds_the_images_as_they_are_released() -> None:
    (profile,) = [profile for profile in CONFIG["profiles"] if profile["name"] == "registry"]
    removed = {patch["path"] for patch in profile["patches"]}
    for number, artifact in enumerate(ARTIFACTS):
        wanted = {f"/build/artifacts/{number}/docker/target", f"/build/artifacts/{number}/sync"}
        assert wanted <= removed or "target" not in artifact["docker"]
