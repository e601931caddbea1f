"""The images, run as containers the way a cluster runs them: `make smoke`, on what `make images` built."""

import functools
import json
import subprocess
import sys
import time
import tomllib
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("status", "inventory", "balances")
HARDENED = ("--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges")
OPEN = ("--env=ACCESS=open", "--env=ACCESS_OPEN_TO_NETWORK=1")
POSTGRES = "postgres:18-bookworm"
LARGEST = 80_000_000
"""Bytes that an image may have over its base."""


def docker(*arguments: str) -> str:
    """Run a docker command, and return its output."""
    run = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"docker {' '.join(arguments)}: {run.stderr}"
    return run.stdout.strip()


def image(service: str) -> str:
    """The tag of a service's image."""
    project = tomllib.loads((ROOT / "services" / service / "pyproject.toml").read_text())["project"]
    return f"benchtop/{service}:{project['version']}"


@functools.cache
def inspected(name: str) -> Any:
    """The output of `docker image inspect` for an image."""
    return json.loads(docker("image", "inspect", name))[0]


@pytest.fixture(scope="module")
def network() -> Iterator[str]:
    """A network of the test's own."""
    name = docker("network", "create", f"smoke-{uuid.uuid4().hex[:8]}")
    yield name
    docker("network", "rm", name)


@pytest.fixture(scope="module")
def run(network: str) -> Iterator[Callable[..., str]]:
    """Starts containers, and removes them."""
    started: list[str] = []

    def start(*arguments: str) -> str:
        started.append(docker("run", "--detach", f"--network={network}", *arguments))
        return started[-1]

    yield start
    for container in started:
        docker("rm", "--force", "--volumes", container)


@pytest.fixture(scope="module")
def database(run: Callable[..., str]) -> str:
    """URL of a PostgreSQL in a container, as other containers see it."""
    run("--name=smoke-database", "--env=POSTGRES_PASSWORD=smoke", "--network-alias=database", POSTGRES)
    return "postgresql://postgres:smoke@database/postgres"


@pytest.fixture(scope="module")
def start(run: Callable[..., str], database: str) -> Callable[..., str]:
    """Starts a service as a cluster would, and returns its container."""

    def service(name: str, *arguments: str) -> str:
        environment = [] if name == "status" else [f"--env=DATABASE_URL={database}"]
        return run("--publish=127.0.0.1::8000", *HARDENED, *OPEN, *environment, image(name), *arguments)

    return service


@pytest.mark.parametrize("service", SERVICES)
def test_everything_basic_answers_as_it_should(start: Callable[..., str], service: str) -> None:
    container = start(service)
    url = f"http://{docker('port', container, '8000/tcp').splitlines()[0]}"
    script = ROOT / "charts/common/files/smoke.py"
    smoke = subprocess.run(
        [sys.executable, script, url, f"/{service}"], capture_output=True, text=True, check=False
    )
    assert smoke.returncode == 0, smoke.stdout + smoke.stderr + docker("logs", container)


def test_the_worker_responds_too(start: Callable[..., str]) -> None:
    container = start("inventory", "worker")
    address = docker("port", container, "8000/tcp").splitlines()[0]
    command = ["curl", "--silent", "--fail", "--retry", "30", "--retry-all-errors", "--retry-delay", "1"]
    body = subprocess.check_output([*command, f"http://{address}/health/ready"], text=True)
    assert json.loads(body)["status"] == "ready"


@pytest.mark.parametrize("service", SERVICES)
def test_it_says_which_commit_it_is(start: Callable[..., str], service: str) -> None:
    commit = inspected(image(service))["Config"]["Labels"]["org.opencontainers.image.revision"]
    container = start(service)
    read = "import pathlib; print(pathlib.Path('/app/commit').read_text().strip())"
    assert docker("exec", container, "python", "-c", read) == commit
    assert len(commit) == 40


@pytest.mark.parametrize("service", SERVICES)
def test_it_stops_by_itself_after_sigterm(start: Callable[..., str], service: str) -> None:
    container = start(service)
    deadline = time.monotonic() + 60
    while '"Listening"' not in docker("logs", container):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    docker("stop", "--time=30", container)
    assert docker("inspect", "--format={{.State.ExitCode}}", container) == "0"


@pytest.mark.parametrize("service", SERVICES)
def test_it_is_small_and_its_user_a_number(service: str) -> None:
    base = (
        (ROOT / "services" / service / "Dockerfile").read_text().partition("ARG BASE=")[2].partition("\n")[0]
    )
    over = inspected(image(service))["Size"] - inspected(base)["Size"]
    print(f"{image(service)}: {over / 1e6:.1f} MB over its base")  # noqa: T201  a figure that people want
    assert over < LARGEST
    assert inspected(image(service))["Config"]["User"] == "10001:10001"
    labels = inspected(image(service))["Config"]["Labels"]
    for label in ("title", "description", "version", "revision"):
        assert labels[f"org.opencontainers.image.{label}"]
