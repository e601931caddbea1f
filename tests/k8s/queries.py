"""Every PromQL expression of the charts' rules and dashboards, in a form that Prometheus can evaluate."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

CHARTS = Path(__file__).parents[2] / "charts"
RULES = sorted(CHARTS.glob("*/rules/*.yaml"))
DASHBOARDS = sorted(CHARTS.glob("*/dashboards/*.json"))

GRAFANA = {"$namespace": ".*", "$release": ".*", "$__rate_interval": "1m"}
"""Values for the variables of Grafana: all namespaces and releases, and four times 15 s."""


class Query(NamedTuple):
    """An expression, and its place: `inventory.yaml: InventoryQueueOld`."""

    where: str
    expression: str


def rules(path: Path) -> Iterator[dict[str, Any]]:
    """The recording and alerting rules of a file."""
    for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
        yield from group["rules"]


def panels(path: Path) -> Iterator[dict[str, Any]]:
    """The panels of a dashboard."""
    yield from json.loads(path.read_text(encoding="utf-8"))["panels"]


def of_rules() -> Iterator[Query]:
    """The expressions of recording and alerting rules."""
    for path in RULES:
        for rule in rules(path):
            yield Query(f"{path.name}: {rule.get('alert') or rule['record']}", rule["expr"].strip())


def of_dashboards() -> Iterator[Query]:
    """The expressions of dashboards."""
    for path in DASHBOARDS:
        for panel in panels(path):
            for target in panel["targets"]:
                expression = target["expr"]
                for variable, value in GRAFANA.items():
                    expression = expression.replace(variable, value)
                yield Query(f"{path.name}: {panel['title']}", expression)


OPERATORS = frozenset({"and", "or", "unless", "bool", "offset"})
NO_METRICS = (
    r'"[^"]*"',  # strings first, because they may contain brackets
    r"\{[^}]*\}",  # selectors
    r"\[[^]]*\]",  # ranges
    r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)",  # labels
    r"\w+(?=\s*\()",  # functions
)


def metrics(expression: str) -> set[str]:
    """The names of the metrics in an expression."""
    for pattern in NO_METRICS:
        expression = re.sub(pattern, "", expression)
    return set(re.findall(r"\b[a-zA-Z_:][\w:]*", expression)) - OPERATORS
