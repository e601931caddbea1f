"""The metrics in rules and dashboards exist."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from tests.k8s import queries
from tests.k8s.queries import Query

ROOT = Path(__file__).parents[2]
QUERIES = [*queries.of_rules(), *queries.of_dashboards()]
SUFFIXES = {"histogram": ("_bucket", "_count", "_sum")}


def exposed() -> set[str]:
    """The series that services expose, from docs/metrics.md, which is generated from the code."""
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE)
    return {name + suffix for name, kind in rows for suffix in SUFFIXES.get(kind, ("",))}


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.where)
def test_every_metric_that_is_asked_for_exists(query: Query) -> None:
    recorded = {rule["record"] for path in queries.RULES for rule in queries.rules(path) if "record" in rule}
    assert queries.metrics(query.expression) <= exposed() | recorded | {"up"}


def test_the_metrics_of_an_expression_are_found() -> None:
    expression = (
        'histogram_quantile(0.95, sum by (le) (rate(a_bucket{b="}c", d=~"e"}[5m])))'
        " / on (f) group_left (g) h:i:j5m offset 5m > 26 * 3600 and sum(k) without (l) unless absent(m == 1)"
    )
    assert queries.metrics(expression) == {"a_bucket", "h:i:j5m", "k", "m"}


@pytest.mark.parametrize("dashboard", queries.DASHBOARDS, ids=lambda path: path.stem)
def test_prometheus_understands_what_dashboards_ask(promtool: str, dashboard: Path, tmp_path: Path) -> None:
    asked = [query for query in queries.of_dashboards() if query.where.startswith(dashboard.name)]
    rules = [{"record": f"panel:{number}", "expr": one.expression} for number, one in enumerate(asked)]
    file = tmp_path / "rules.yaml"
    file.write_text(json.dumps({"groups": [{"name": dashboard.stem, "rules": rules}]}))
    done = subprocess.run(
        [promtool, "check", "rules", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("dashboard", queries.DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_says_what_it_shows(dashboard: Path) -> None:
    board = json.loads(dashboard.read_text())
    assert board["uid"] == f"benchtop-{dashboard.stem}"
    titles = [panel["title"] for panel in board["panels"]]
    assert len(set(titles)) == len(titles) <= 12
    assert all(panel["description"].endswith(".") for panel in board["panels"])


@pytest.mark.parametrize("dashboard", queries.DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_fits_any_namespace_any_release_and_any_prometheus(dashboard: Path) -> None:
    text = dashboard.read_text()
    defined = {f"${one['name']}" for one in json.loads(text)["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", text))
    assert {f"${name}" for name in used} <= defined | {"$__rate_interval", "$__all"}
    for panel in queries.panels(dashboard):
        assert panel["datasource"]["uid"] == "${datasource}"
        for target in panel["targets"]:
            selectors = re.findall(r"\{[^}]*\}", target["expr"])
            for chosen in ('namespace=~"$namespace"', 'release=~"$release"'):
                assert all(chosen in one for one in selectors), target["expr"]


@pytest.mark.parametrize("dashboard", queries.DASHBOARDS, ids=lambda path: path.stem)
def test_no_two_panels_share_a_place(dashboard: Path) -> None:
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in queries.panels(dashboard))
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(taken)) == len(taken)
    assert max(x for x, _ in taken) < 24
