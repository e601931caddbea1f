"""For every name of a release, the names of its objects are valid and distinct."""

from collections.abc import Callable
from typing import Any

import pytest

Render = Callable[..., Any]

FEED = {"feeds": [{"name": "bank", "url": "https://bank.example"}]}
ALL = {"postgresql": {"enabled": True}, "balances": FEED}
DATABASE = {"existingSecret": "database"}

MOST = {"CronJob": 52, "StatefulSet": 52, "Service": 63, "Deployment": 63}
"""Longest allowed names. The job of a CronJob adds 11 characters, and so does a label of a StatefulSet."""


def name(length: int) -> str:
    return ("laboratory-" * 6)[: length - 1] + "x"


@pytest.mark.parametrize(
    "release", ["x", *map(name, (20, 36, 37, 41, 44, 50, 53)), "lab-inventory-and-status"]
)
def test_any_release_has_names_that_fit_and_differ(render: Render, release: str) -> None:
    objects = render("benchtop", ALL, release=release).objects
    names = [(one["kind"], one["metadata"]["name"]) for one in objects]
    assert len(names) == len(set(names))
    assert [one for one in names if len(one[1]) > MOST.get(one[0], 253)] == []
    deployments = {one["metadata"]["name"] for one in objects.of("Deployment")}
    assert len(deployments) == 4
    assert all(any(chart in one for chart in ("status", "inventory", "balances")) for one in deployments)


def test_long_releases_that_begin_alike_do_not_meet(render: Render) -> None:
    first, second = (
        {one["metadata"]["name"] for one in render("benchtop", ALL, release=name(50) + end).objects}
        for end in ("-a", "-b")
    )
    assert first & second == set()


@pytest.mark.parametrize("chart", ["status", "inventory", "balances"])
def test_object_names_do_not_repeat_a_chart_name_in_the_release_name(render: Render, chart: str) -> None:
    values: dict[str, Any] = {} if chart == "status" else {"database": DATABASE}
    for release, expected in ((chart, chart), (f"my-{chart}", f"my-{chart}"), ("lab", f"lab-{chart}")):
        (service,) = render(chart, values, release=release).objects.of("Service")[:1]
        assert service["metadata"]["name"] == expected


def test_beside_others_every_chart_has_its_own_name(render: Render) -> None:
    objects = render("benchtop", ALL, release="status").objects
    assert objects.one("Deployment", "status-status")
    assert objects.one("Deployment", "status-inventory")


def test_the_longest_name_of_ones_own_fits_too(render: Render) -> None:
    values = {"database": DATABASE, **FEED, "fullnameOverride": "a" * 44}
    (cron,) = render("balances", values).objects.of("CronJob")
    assert cron["metadata"]["name"] == "a" * 44 + "-refresh"
    assert "maxLength" in render("status", {"fullnameOverride": "a" * 45}).error


@pytest.mark.parametrize("release", ["1lab", "my.release"])
def test_a_release_whose_name_no_service_can_have_is_refused_in_a_sentence(
    render: Render, release: str
) -> None:
    rendered = render("status", {}, release=release)
    assert f'The release name "{release}"' in rendered.error
    assert "must begin with a letter" in rendered.error
