"""What callers may do by the RBAC of the cluster."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.chassis.access.guarded import Guard, bearer, get, trusted
from tests.support.api_server import TestApiServer
from tests.support.issuer import Answer, TestIssuer, as_json

from chassis.access import kubernetes_authorizer
from chassis.access.caller import Caller
from chassis.access.cluster import ApiServer
from chassis.access.kubernetes_authorizer import KubernetesRbac
from chassis.access.permissions import Permission
from chassis.errors import Unavailable

REVIEWS = "/apis/authorization.k8s.io/v1/namespaces/lab/localsubjectaccessreviews"


@pytest.fixture
def client(guard: Guard, issuer: TestIssuer, api_server: TestApiServer) -> TestClient:
    """A service that asks the cluster."""
    return guard(
        trusted(issuer, prefix="oidc:"),
        access_authorizer="kubernetes",
        access_namespace="lab",
        access_cluster_dir=str(api_server.folder),
        access_roles={},
    )


def test_the_cluster_is_asked_about_the_user_with_all_groups(
    client: TestClient, issuer: TestIssuer, api_server: TestApiServer
) -> None:
    api_server.allowed.add(("oidc:lab", "list", "notes"))
    assert get(client, issuer.token(groups=["lab", "chess"])).status_code == 200
    (asked,) = api_server.asked
    assert asked.path == REVIEWS
    assert asked.body["metadata"] == {"namespace": "lab"}
    assert asked.body["spec"] == {
        "user": "oidc:ada",
        "groups": ["oidc:lab", "oidc:chess", "system:authenticated"],
        "resourceAttributes": {
            "namespace": "lab",
            "verb": "list",
            "group": "benchtop.dev",
            "resource": "notes",
        },
    }


def test_what_the_cluster_does_not_allow_is_forbidden(
    client: TestClient, issuer: TestIssuer, api_server: TestApiServer
) -> None:
    api_server.allowed.add(("oidc:ada", "list", "notes"))
    response = client.post("/v1/notes", headers=bearer(issuer.token()))
    assert response.status_code == 403
    assert response.json()["detail"] == (
        "oidc:ada may not create notes. In the namespace lab, a RoleBinding gives this permission if its Role has the"
        " verb create on notes of the API group benchtop.dev."
    )


def test_an_answer_counts_for_a_while_and_a_change_is_seen_after_it(
    client: TestClient, issuer: TestIssuer, api_server: TestApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubernetes_authorizer, "CACHED_SECONDS", 0.5)
    token = issuer.token()
    for rule in (set(), {("oidc:ada", "list", "notes")}, set()):
        api_server.allowed = rule
        started = time.monotonic()
        status = 200 if rule else 403
        while get(client, token).status_code != status:
            assert time.monotonic() - started < 5
        get(client, token)
    assert len(api_server.reviews) == 3


@pytest.mark.parametrize(
    "answer",
    [
        Answer(429),
        Answer(500),
        Answer(403),
        Answer(302, headers={"Location": "/"}),
        Answer(200, b"no JSON"),
        as_json({"status": {}}, 201),
        as_json({"status": {"allowed": "yes"}}, 201),
    ],
    ids=str,
)
def test_without_a_decision_the_answer_is_503_and_not_remembered(
    client: TestClient, issuer: TestIssuer, api_server: TestApiServer, answer: Answer
) -> None:
    api_server.allowed.add(("oidc:ada", "list", "notes"))
    api_server.answers[REVIEWS] = answer
    response = get(client, issuer.token())
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "127.0.0.1" not in response.text
    api_server.answers.clear()
    assert get(client, issuer.token()).status_code == 200


def test_an_api_server_that_hangs_or_is_down_is_503(
    client: TestClient, issuer: TestIssuer, api_server: TestApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubernetes_authorizer, "REVIEW_SECONDS", 0.2)
    api_server.pause = 1
    assert get(client, issuer.token()).status_code == 503
    api_server.stop()
    assert get(client, issuer.token()).status_code == 503


def test_an_outage_and_its_end_are_logged_once(
    client: TestClient, issuer: TestIssuer, api_server: TestApiServer, capfd: pytest.CaptureFixture[str]
) -> None:
    api_server.answers[REVIEWS] = Answer(429)
    for _ in range(3):
        get(client, issuer.token())
    api_server.answers.clear()
    get(client, issuer.token())
    output = capfd.readouterr().out
    assert output.count("does not answer what callers may do") == 1
    assert output.count("answers again what callers may do") == 1


CREATE = Permission("create", "notes", "member")


def with_rbac(server: TestApiServer, ask: Callable[[KubernetesRbac], Awaitable[Any]]) -> Any:
    """What `ask` returns."""

    async def run() -> Any:
        url = f"https://127.0.0.1:{server.port}"
        rbac = KubernetesRbac(ApiServer(url, str(server.folder)), "lab")
        async with rbac.running():
            return await ask(rbac)

    return asyncio.run(run())


def test_the_same_question_at_the_same_time_is_asked_once(api_server: TestApiServer) -> None:
    api_server.pause = 0.2
    ada = Caller(kind="token", actor="ada")
    with_rbac(api_server, lambda rbac: asyncio.gather(*(rbac.allows(ada, CREATE) for _ in range(50))))
    assert len(api_server.reviews) == 1


def test_a_caller_that_goes_away_does_not_take_the_answer_from_the_others(api_server: TestApiServer) -> None:
    api_server.pause = 0.2
    api_server.allowed.add(("ada", "create", "notes"))

    async def ask(rbac: KubernetesRbac) -> bool:
        ada = Caller(kind="token", actor="ada")
        gone = asyncio.create_task(rbac.allows(ada, CREATE))
        waiting = asyncio.create_task(rbac.allows(ada, CREATE))
        await asyncio.sleep(0.05)
        gone.cancel()
        return await waiting

    assert with_rbac(api_server, ask) is True


def test_the_questions_under_way_end_with_the_service(api_server: TestApiServer) -> None:
    api_server.pause = 1

    async def run() -> set[asyncio.Task[Any]]:
        server = ApiServer(f"https://127.0.0.1:{api_server.port}", str(api_server.folder))
        rbac = KubernetesRbac(server, "lab")
        async with rbac.running():
            asking = asyncio.create_task(rbac.allows(Caller(kind="token", actor="ada"), CREATE))
            await asyncio.sleep(0.05)
        with pytest.raises(asyncio.CancelledError):
            await asking
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(run()) == set()


def test_at_most_sixteen_questions_are_asked_at_the_same_time(
    api_server: TestApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubernetes_authorizer, "REVIEW_SECONDS", 30)
    api_server.pause = 0.5

    async def ask(rbac: KubernetesRbac) -> None:
        callers = [Caller(kind="token", actor=f"user {number}") for number in range(40)]
        await asyncio.gather(*(rbac.allows(one, CREATE) for one in callers))

    with_rbac(api_server, ask)
    assert len(api_server.reviews) == 40
    assert 1 < api_server.most <= 16


def test_questions_that_wait_too_long_for_others_are_unavailable(
    api_server: TestApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubernetes_authorizer, "REVIEW_SECONDS", 0.5)
    api_server.pause = 2

    async def ask(rbac: KubernetesRbac) -> list[Any]:
        callers = [Caller(kind="token", actor=f"user {number}") for number in range(20)]
        return await asyncio.gather(*(rbac.allows(one, CREATE) for one in callers), return_exceptions=True)

    answers = with_rbac(api_server, ask)
    assert {type(one) for one in answers} == {Unavailable}
