"""Prometheus scrapes every pod, found by annotations or by the Operator, and returns series for every query."""

from functools import partial

import pytest
from tests.e2e.cluster import Cluster
from tests.e2e.prometheus import Prometheus
from tests.e2e.release import Release
from tests.e2e.waiting import NotYet, until
from tests.k8s import queries

QUERIES = [*queries.of_rules(), *queries.of_dashboards()]


def test_it_scrapes_every_pod_of_every_service(release: Release, prometheus: Prometheus) -> None:
    release.wait()

    def look() -> None:
        targets = {
            (labels["pod"], labels["job"], labels["component"])
            for labels, value in prometheus.query(f'up{{namespace="{release.namespace}"}}')
            if value == 1
        }
        pods = {pod["metadata"]["name"]: pod["metadata"]["labels"] for pod in release.services_pods()}
        wanted = {
            (name, labels["app.kubernetes.io/name"], labels["app.kubernetes.io/component"])
            for name, labels in pods.items()
        }
        if targets != wanted:
            raise NotYet(f"Prometheus scrapes {sorted(targets)}, but the pods are {sorted(wanted)}")

    until("all targets are up", look, seconds=90)


def test_it_evaluates_every_rule(prometheus: Prometheus) -> None:
    def look() -> None:
        rules = {rule["name"]: rule["health"] for rule in prometheus.rules()}
        if missing := {name: rules.get(name) for name in wanted if rules.get(name) != "ok"}:
            raise NotYet(str(missing))

    wanted = [rule.get("alert") or rule["record"] for path in queries.RULES for rule in queries.rules(path)]
    until("every rule was evaluated", look, seconds=60)


def test_a_dashboard_of_each_service_is_there_for_grafana(cluster: Cluster, observability: str) -> None:
    found = cluster.all("ConfigMap", observability, {"grafana_dashboard": "1"})
    names = {name for one in found for name in one["data"]}
    assert names >= {path.name for path in queries.DASHBOARDS}


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.where)
def test_it_answers_each_query_of_alerts_and_dashboards(
    release: Release, prometheus: Prometheus, query: queries.Query
) -> None:
    prometheus.query(query.expression)
    for metric in queries.metrics(query.expression):
        # A name with a colon is that of a recording rule, whose own expression is among the queries
        if ":" not in metric:
            until(f"{metric} is known", partial(known, release, prometheus, metric), seconds=60)


def known(release: Release, prometheus: Prometheus, metric: str) -> None:
    """Look for the metric: an alert that does not fire returns no series, and neither does one for a missing metric."""
    if not prometheus.query(f'{metric}{{namespace="{release.namespace}"}}'):
        raise NotYet("no such series")
