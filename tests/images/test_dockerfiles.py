"""The images' recipes: one for every service, the same but for the service's name."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("status", "inventory", "balances")


def recipe(service: str) -> str:
    """The text of a service's Dockerfile."""
    return (ROOT / "services" / service / "Dockerfile").read_text()


def test_they_differ_in_name_and_description_only() -> None:
    alike = {
        re.sub(r'description="[^"]*"', "", recipe(service).replace(service, "SERVICE"))
        for service in SERVICES
    }
    assert len(alike) == 1


@pytest.mark.parametrize("service", SERVICES)
def test_the_last_stage_runs_as_a_numeric_user_and_without_a_shell(service: str) -> None:
    text = recipe(service)
    assert re.findall(r"^USER (.*)$", text, re.MULTILINE)[-1] == "10001:10001"
    last = text.rpartition("\nFROM ")[2]
    assert last.startswith("base\n")
    assert "ENTRYPOINT" not in last
    assert (
        f'ENTRYPOINT ["{service}"]\nCMD ["serve"]' in text.partition(" AS base\n")[2].partition("\nFROM ")[0]
    )


@pytest.mark.parametrize("service", SERVICES)
def test_it_listens_on_every_address_of_both_families(service: str) -> None:
    assert re.search(r"^ENV .*\bHOST=:: ", recipe(service), re.MULTILINE)


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_installed_that_no_lock_names(service: str) -> None:
    installs = re.findall(r"pip[^&]* install (.*)", recipe(service))
    assert len(installs) == 3
    for options in installs:
        assert "--require-hashes" in options or "--no-deps --no-index" in options
