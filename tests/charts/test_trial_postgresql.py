"""The PostgreSQL that the umbrella chart brings for trials."""

from collections.abc import Callable
from typing import Any

Render = Callable[..., Any]


def test_each_service_has_a_role_of_its_own_and_sees_only_its_own_password(trial: Any) -> None:
    for service in ("inventory", "balances"):
        secret = trial.one("Secret", f"lab-postgresql-{service}")["stringData"]
        assert secret["uri"] == f"postgresql://{service}:{secret['password']}@lab-postgresql:5432/benchtop"
        for pod in trial.pods("Deployment", "CronJob"):
            if pod.labels["app.kubernetes.io/name"] == service:
                sources = next(volume for volume in pod.spec["volumes"] if volume["name"] == "settings")
                mounted = [
                    source["secret"]["name"]
                    for source in sources["projected"]["sources"]
                    if "secret" in source
                ]
                assert mounted == [f"lab-postgresql-{service}"]


def test_no_password_is_like_another(trial: Any) -> None:
    passwords = [secret["stringData"]["password"] for secret in trial.of("Secret")]
    assert len(passwords) == len(set(passwords)) == 3
    assert min(map(len, passwords)) >= 32


def test_passwords_and_data_stay_when_the_release_goes(trial: Any) -> None:
    for secret in trial.of("Secret"):
        assert secret["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    database = trial.one("StatefulSet", "lab-postgresql")
    assert database["spec"]["persistentVolumeClaimRetentionPolicy"] == {
        "whenDeleted": "Retain",
        "whenScaled": "Retain",
    }


def test_it_ends_its_connections_when_it_is_told_to_stop(trial: Any) -> None:
    (pod,) = trial.pods("StatefulSet")
    assert pod.container["lifecycle"]["preStop"]["exec"]["command"] == ["pg_ctl", "kill", "INT", "1"]


def test_its_volume_is_the_users_choice(render: Render) -> None:
    storage = {"size": "5Gi", "className": "fast"}
    objects = render("benchtop", {"postgresql": {"enabled": True, "storage": storage}}).objects
    (claim,) = objects.one("StatefulSet", "lab-postgresql")["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["resources"]["requests"]["storage"] == "5Gi"
    assert claim["spec"]["storageClassName"] == "fast"


def test_it_is_not_there_unless_asked_for(render: Render) -> None:
    database = {"database": {"existingSecret": "x"}}
    objects = render("benchtop", {"inventory": database, "balances": database}).objects
    assert objects.of("StatefulSet", "Secret") == []
