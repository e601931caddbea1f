"""A minute without the database: its services are not ready, no pod restarts, and no accepted event is lost."""

import json
import time
from collections import Counter
from contextlib import ExitStack

import httpx
import pytest
from tests.e2e.asking import Asking
from tests.e2e.cluster import Cluster, describe, forwarded, is_ready, restarts
from tests.e2e.events import all_processed
from tests.e2e.figures import Figures
from tests.e2e.release import Release
from tests.e2e.tokens import Token
from tests.e2e.waiting import NotYet, until

SECONDS_AWAY = 60
EVENT = {"user_id": "ada", "description": "Said while the database comes and goes"}


def test_a_minute_without_the_database_loses_nothing_and_restarts_nothing(
    cluster: Cluster, release: Release, ingress: httpx.Client, admin: Token, figures: Figures
) -> None:
    release.wait()
    alone(cluster, release)
    before = {pod["metadata"]["name"] for pod in release.services_pods()}
    with ExitStack() as stack:
        inside = stack.enter_context(forwarded(release.namespace, f"pod/{release.pod('inventory')}", 8000))
        direct = stack.enter_context(httpx.Client(base_url=inside, auth=admin, timeout=30, trust_env=False))
        outer = stack.enter_context(Asking(lambda: ingress.post("/inventory/events/", json=EVENT)).going_on())
        inner = stack.enter_context(Asking(lambda: direct.post("/events/", json=EVENT)).going_on())
        status = stack.enter_context(Asking(lambda: ingress.get("/")).going_on())

        scale_database(release, 0)
        away = until("an event is refused", lambda: refusal(outer), seconds=60)
        until("the services with a database are not ready", lambda: unready(release), seconds=60)
        seconds_to_unready = time.monotonic() - away
        time.sleep(max(0, away + SECONDS_AWAY - time.monotonic()))
        assert not any(is_ready(pod) for pod in needing_the_database(release))

        scale_database(release, 1)
        cluster.wait_for_pod(f"{release.name}-postgresql-0", release.namespace)
        back = time.monotonic()
        until("all is ready again", lambda: everything_ready(release), seconds=60)
        until("an event is accepted again", lambda: accepted_since(outer, back), seconds=60)
        seconds_to_well = time.monotonic() - back

    figures.note("database away: unready after", seconds_to_unready, "s", below=10)
    figures.note("database back: all well after", seconds_to_well, "s", below=15)
    for where, answers in (("a pod", inner), ("the ingress", outer)):
        said = sorted(Counter(answer.status for answer in answers).items())
        figures.said(
            f"events through {where} meanwhile", ", ".join(f"{count} of {code}" for code, count in said)
        )

    assert {pod["metadata"]["name"] for pod in release.services_pods()} == before
    assert sum(restarts(pod) for pod in release.services_pods()) == 0
    assert Counter(answer.status for answer in status) == {200: len(status)}
    assert {answer.status for answer in inner} == {201, 503}
    # While no pod is ready, the Ingress controller responds instead, and each controller has its own status for this
    assert {answer.status for answer in outer if answer.status < 400} == {201}
    assert {answer.status for answer in outer if answer.refused_by_service} == {503}
    refused = [answer for answer in (*inner, *outer) if answer.refused_by_service]
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
    assert seconds_to_unready <= 10
    assert seconds_to_well <= 15

    accepted = {json.loads(answer.text)["event_id"] for answer in (*outer, *inner) if answer.status == 201}
    all_processed(ingress, accepted)


def alone(cluster: Cluster, release: Release) -> None:
    """Fail if another Ingress accepts every host: it would accept the events into its own database."""
    others = [
        f"{one['metadata']['namespace']}/{one['metadata']['name']}"
        for one in cluster.all("Ingress")
        if one["metadata"]["namespace"] != release.namespace
        and any(not rule.get("host") for rule in one["spec"].get("rules", ()))
    ]
    if others:
        pytest.fail(
            f"another Ingress for every host would respond while Benchtop has no pod: {', '.join(others)}"
        )


def scale_database(release: Release, replicas: int) -> None:
    release.cluster.scale("StatefulSet", f"{release.name}-postgresql", release.namespace, replicas)


def needing_the_database(release: Release) -> list[dict[str, object]]:
    return [*release.pods("inventory"), *release.pods("balances", "api")]


def refusal(answers: Asking) -> float:
    """The time at which the first event was refused."""
    for answer in answers:
        if answer.status == 503:
            return answer.at
    raise NotYet(f"{len(answers)} responses, none of which refuses an event")


def unready(release: Release) -> None:
    if still := [describe(pod) for pod in needing_the_database(release) if is_ready(pod)]:
        raise NotYet("; ".join(still))


def everything_ready(release: Release) -> None:
    if still := [describe(pod) for pod in release.pods() if not is_ready(pod)]:
        raise NotYet("; ".join(still))


def accepted_since(answers: Asking, when: float) -> None:
    if not any(answer.status == 201 for answer in answers if answer.at > when):
        raise NotYet(f"last response: {answers[-1].status} {answers[-1].text[:200]}")
