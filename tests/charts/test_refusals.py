"""What makes no sense is refused, with a message that says what, where, and what to do."""

from collections.abc import Callable
from typing import Any

import pytest

Render = Callable[..., Any]

DATABASE = {"existingSecret": "x"}
TRIAL = {"postgresql": {"enabled": True}}
BANK = {"name": "bank", "url": "https://bank.example"}


@pytest.mark.parametrize(
    ("chart", "values", "message"),
    [
        ("status", {"api": {"replica": 3}}, "at '/api': additional properties 'replica' not allowed"),
        ("status", {"api": {"replicas": "3"}}, "at '/api/replicas': got string, want integer"),
        ("status", {"api": {"replicas": -1}}, "at '/api/replicas': minimum: got -1, want 0"),
        ("status", {"worker": {}}, "additional properties 'worker' not allowed"),
        ("status", {"database": {}}, "additional properties 'database' not allowed"),
        ("status", {"log": {"level": "loud"}}, "at '/log/level': value must be one of 'debug', 'info'"),
        ("status", {"image": {"digest": "1234"}}, "at '/image/digest': '1234' does not match pattern"),
        ("status", {"image": {"repository": ""}}, "at '/image/repository': minLength"),
        ("status", {"pathPrefix": "status"}, "at '/pathPrefix': 'status' does not match pattern"),
        ("status", {"settings": {"PORT": 1}}, "settings.PORT is not for you to set"),
        ("status", {"settings": {"port": 1}}, "at '/settings': additional properties 'port' not allowed"),
        ("status", {"settings": {"LOG_LEVEL": ["x"]}}, "at '/settings/LOG_LEVEL': got array, want"),
        ("status", {"secretSettings": {"X": "y"}}, "at '/secretSettings/X': got string, want object"),
        ("status", {"api": {"resources": {"limits": {"cpu": "many"}}}}, "at '/api/resources/limits/cpu'"),
        ("status", {"tmpSize": "64 MB"}, "at '/tmpSize': '64 MB' does not match pattern"),
        ("status", {"preStopSeconds": 0}, "at '/preStopSeconds': minimum: got 0, want 1"),
        ("inventory", {}, "kubectl create secret generic inventory-database --from-literal=uri="),
        ("inventory", {"database": {**DATABASE, "poolSize": 0}}, "at '/database/poolSize': minimum"),
        ("balances", {"database": DATABASE, "feeds": {}}, "at '/feeds': got object, want array"),
        (
            "balances",
            {"database": DATABASE, "feeds": [{"name": "a"}]},
            "at '/feeds/0': missing property 'url'",
        ),
        (
            "balances",
            {"database": DATABASE, "feeds": [{**BANK, "url": "https://me:secret@bank.example"}]},
            "at '/feeds/0/url': 'https://me:secret@bank.example' does not match pattern",
        ),
        (
            "balances",
            {"database": DATABASE, "feeds": [{**BANK, "timeout": 3}]},
            "at '/feeds/0': additional properties 'timeout' not allowed",
        ),
        (
            "balances",
            {"database": DATABASE, "feeds": [{**BANK, "deadline": 850}]},
            "refresh.deadlineSeconds is 900, and the feeds may take 910 s in all: raise it, or lower",
        ),
        ("balances", {"database": DATABASE, "refresh": {"schedule": "hourly"}}, "at '/refresh/schedule'"),
        ("benchtop", {}, "For a trial, let this chart bring one:\n\n  ... --set postgresql.enabled=true"),
        (
            "benchtop",
            {"balances": {"database": DATABASE}},
            "kubectl create secret generic inventory-database --from-literal=uri=",
        ),
        ("benchtop", {**TRIAL, "inventory": {"api": {"replica": 3}}}, "'replica' not allowed"),
        ("benchtop", {**TRIAL, "ingres": {}}, "additional properties 'ingres' not allowed"),
        (
            "benchtop",
            {**TRIAL, "ingress": {"hosts": {"stats": "a.example"}}},
            "properties 'stats' not allowed",
        ),
        ("benchtop", {**TRIAL, "ingress": {"tlsSecret": "x"}}, "ingress.tlsSecret needs ingress.host"),
        (
            "benchtop",
            {**TRIAL, "httpRoute": {"enabled": True}},
            "httpRoute.enabled needs httpRoute.parentRefs",
        ),
    ],
)
def test_it_is_refused(render: Render, chart: str, values: Any, message: str) -> None:
    rendered = render(chart, values)
    assert rendered.status != 0
    assert message in rendered.error


@pytest.mark.parametrize("chart", ["status", "inventory", "balances", "benchtop"])
def test_an_umbrella_may_set_global_and_enabled(render: Render, chart: str) -> None:
    values = {"global": {"anything": 1}, "enabled": True}
    values |= TRIAL if chart == "benchtop" else {} if chart == "status" else {"database": DATABASE}
    assert render(chart, values).status == 0
