"""The documents are true: tables, links, targets and lock files."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "services/*/README.md", "charts/**/*.md", "k8s/**/*.md")
    for path in ROOT.glob(pattern)
)
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]


def test_the_tables_of_settings_metrics_and_routes_are_those_of_the_code() -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "docs/tables.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""


def test_the_charts_list_the_settings_of_the_code() -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "charts/reference.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text())
    missing = [
        link for link in links if not re.match(r"[a-z]+:", link) and not (document.parent / link).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_make_target_that_is_named_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`|\n)make ([a-z0-9-]+)", document.read_text()))
    assert named <= targets


def test_every_decision_is_listed() -> None:
    index = (ROOT / "docs/adr/README.md").read_text()
    pages = [path.name for path in (ROOT / "docs/adr").glob("0*.md")]
    assert [page for page in pages if page not in index] == []


def test_the_locks_are_up_to_date_with_the_projects(tmp_path: Path) -> None:
    services = re.findall(r"^SERVICES := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[0].split()
    hidden = [f"--no-emit-package=benchtop-{service}" for service in services]
    projects = [f"services/{service}/pyproject.toml" for service in services]
    inputs = {
        "requirements.lock": ["--group", "pyproject.toml:dev", *projects],
        "services/requirements-image.lock": [
            *("--group", "pyproject.toml:image", "--constraint=requirements.lock"),
        ],
    } | {
        f"services/{service}/requirements.lock": [
            f"services/{service}/pyproject.toml",
            "--constraint=requirements.lock",
        ]
        for service in services
    }
    for number, (lock, sources) in enumerate(inputs.items()):
        copy = tmp_path / f"{number}.lock"
        copy.write_text((ROOT / lock).read_text())
        subprocess.run(
            [
                *(str(Path(sys.executable).parent / "uv"), "pip", "compile", "--quiet", "--universal"),
                *("--generate-hashes", "--custom-compile-command=make lock", f"--output-file={copy}"),
                *hidden,
                *sources,
            ],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        assert copy.read_text() == (ROOT / lock).read_text(), f"{lock} is out of date: run `make lock`"


def test_no_lock_names_an_address() -> None:
    for lock in ROOT.glob("**/requirements*.lock"):
        assert not re.search(r"https?://|--index-url|--find-links", lock.read_text()), lock


FAMILIES = (
    "access",
    "background",
    "balances",
    "build",
    "database",
    "http",
    "inventory",
    "log",
    "process",
    "python",
    "status",
)
"""First words of the names of metrics: a service, or what every service has."""


def test_metrics_are_named_after_their_service_and_in_snake_case() -> None:
    documented = re.findall(r"^\| `([^`]+)` \|", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE)
    assert len(documented) > 30
    named = re.compile(rf"({'|'.join(FAMILIES)})_[a-z0-9]+(_[a-z0-9]+)*")
    assert [name for name in documented if not named.fullmatch(name)] == []
