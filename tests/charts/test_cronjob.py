"""The CronJob that refreshes the feeds."""

from collections.abc import Callable
from typing import Any

Render = Callable[..., Any]


def test_it_never_runs_twice_at_once_nor_for_ever(trial: Any) -> None:
    spec = trial.one("CronJob", "lab-balances-refresh")["spec"]
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["jobTemplate"]["spec"]["backoffLimit"] == 1  # the command retries by itself
    assert (
        spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] > 60 + 60 + 120 + 60
    )  # the deadlines of the feeds, and one minute for each
    (pod,) = trial.pods("CronJob")
    assert pod.spec["restartPolicy"] == "Never"
    assert pod.container["args"] == ["refresh"]


def test_there_is_none_without_a_feed(render: Render) -> None:
    assert render("balances", {"database": {"existingSecret": "x"}}).objects.of("CronJob") == []


def test_its_schedule_is_the_users(render: Render) -> None:
    feeds = [{"name": "bank", "url": "https://bank.example"}]
    values = {
        "database": {"existingSecret": "x"},
        "feeds": feeds,
        "refresh": {"schedule": "*/5 6-20 * * 1-5"},
    }
    spec = render("balances", values).objects.one("CronJob", "lab-balances-refresh")["spec"]
    assert (spec["schedule"], spec["timeZone"]) == ("*/5 6-20 * * 1-5", "Etc/UTC")
