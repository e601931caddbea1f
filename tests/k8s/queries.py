"""Every PromQL expression of the charts' rules and dashboards, as a Prometheus can be asked it."""

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
"""What Grafana puts in the place of its variables: all namespaces and releases, and four times 15 s."""


class Query(NamedTuple):
    """An expression, and where it stands: `inventory.yaml: InventoryQueueOld`."""

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
    """What recording and alerting rules evaluate."""
    for path in RULES:
        for rule in rules(path):
            yield Query(f"{path.name}: {rule.get('alert') or rule['record']}", rule["expr"].strip())


def of_dashboards() -> Iterator[Query]:
    """What dashboards show."""
    for path in DASHBOARDS:
        for panel in panels(path):
            for target in panel["targets"]:
                expression = target["expr"]
                for variable, value in GRAFANA.items():
                    expression = expression.replace(variable, value)
                yield Query(f"{path.name}: {panel['title']}", expression)


OPERATORS = frozenset({"and", "or", "unless", "bool", "offset"})
NO_METRICS = (
    r'"[^"]*"',  # strings first, for they may hold brackets
    r"\{[^}]*\}",  # selectors
    r"\[[^]]*\]",  # ranges
    r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)",  # labels
    r"\w+(?=\s*\()",  # functions
)


def metrics(expression: str) -> set[str]:
    """The names of the metrics that an expression asks for."""
    for pattern in NO_METRICS:
        expression = re.sub(pattern, "", expression)
    return set(re.findall(r"\b[a-zA-Z_:][\w:]*", expression)) - OPERATORS
