"""The services conform to their OpenAPI documents: each operation gets valid and invalid requests."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

CASES = 10
"""Random cases for each operation, beside those at the limits of what is allowed; always the same ones."""

NOT_CHECKED = (
    "positive_data_acceptance",  # a document cannot say that a cursor is another list's, or an id not the path's
    "missing_required_header",  # knows no 428 (RFC 6585), which is ours for a write without If-Match
)


@pytest.mark.parametrize("service", ["status", "inventory", "balances"])
def test_every_operation_does_what_its_document_says(
    start: Callable[..., Any], database_url: str, tmp_path: Path, service: str
) -> None:
    running = start("benchtop", DATABASE_URL=database_url, LOCAL_DIR=str(tmp_path))
    command = [
        str(Path(sys.executable).parent / "schemathesis"),
        "run",
        f"{running.url}/{service}/openapi.json",
    ]
    how = [
        "--generation-deterministic",
        f"--max-examples={CASES}",
        f"--exclude-checks={','.join(NOT_CHECKED)}",
    ]
    done = subprocess.run(
        [*command, *how, "--no-color"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    paths = httpx.get(f"{running.url}/{service}/openapi.json").json()["paths"]
    assert f"Tested: {sum(len(methods) for methods in paths.values())}\n" in done.stdout
