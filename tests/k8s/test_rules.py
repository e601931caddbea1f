"""The alerts fire when they should, and each has a runbook."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from tests.k8s import queries

ROOT = Path(__file__).parents[2]
CASES = sorted((Path(__file__).parent / "rules").glob("*.yaml"))
ALERTS = {rule["alert"]: rule for path in queries.RULES for rule in queries.rules(path) if "alert" in rule}
OPERATIONS = (ROOT / "docs/operations.md").read_text().partition("## Alerts\n")[2].partition("\n## ")[0]

LISTED = dict(re.findall(r"^\| \[(\w+)\]\(#\w+\) \| (\w+) \|", OPERATIONS, re.MULTILINE))


def run(*command: str) -> None:
    """Run a command, and fail with its output unless it succeeds."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(done.stdout + done.stderr)


def test_prometheus_takes_the_rules(promtool: str) -> None:
    run(promtool, "check", "rules", "--lint=all", "--lint-fatal", *map(str, queries.RULES))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_alerts_fire_when_they_should_and_only_then(promtool: str, case: Path) -> None:
    run(promtool, "test", "rules", str(case))


def test_every_alert_is_seen_to_fire() -> None:
    seen = {
        step["alertname"]
        for case in CASES
        for test in yaml.safe_load(case.read_text())["tests"]
        for step in test.get("alert_rule_test", [])
        if step["exp_alerts"]
    }
    assert seen == set(ALERTS)


@pytest.mark.parametrize("path", queries.RULES, ids=lambda path: path.stem)
def test_a_rule_keeps_the_labels_of_namespace_release_and_job(path: Path) -> None:
    for rule in queries.rules(path):
        kept = re.findall(r"\b(?:by|on) \(([^)]*)\)", rule["expr"])
        assert kept or "namespace_release_job:" in rule["expr"]
        assert all(labels.startswith("namespace, release, job") for labels in kept), rule["expr"]
        assert not re.search(r"\b(without|ignoring)\b", rule["expr"])


def test_every_service_has_the_same_rules_on_requests() -> None:
    def of(service: str) -> str:
        text = (queries.CHARTS / service / "rules" / f"{service}.yaml").read_text()
        (group,) = re.findall(
            rf"^  - name: {service}-http\n(.*?)(?=^  - |\Z)", text, re.MULTILINE | re.DOTALL
        )
        # POST /v1/refresh of balances takes as long as its feed
        return str(group).strip().replace("|/v1/refresh", "").replace(f'"{service}"', '""')

    assert of("status") == of("inventory") == of("balances")


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_has_a_severity_a_summary_a_description_and_a_runbook(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert "for" in alert, "a single evaluation must not fire an alert"
    assert set(alert["annotations"]) == {"summary", "description", "runbook_url"}
    assert alert["annotations"]["runbook_url"] == f"docs/operations.md#{name.lower()}"


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert re.findall(r"^### (\w+)$", OPERATIONS, re.MULTILINE) == list(LISTED)
    assert sorted(LISTED) == sorted(ALERTS)


def test_the_table_of_alerts_lists_their_severities() -> None:
    assert {name: alert["labels"]["severity"] for name, alert in ALERTS.items()} == LISTED
