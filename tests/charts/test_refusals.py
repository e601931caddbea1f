"""Invalid values are refused with a message that names the value and the remedy."""

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
        ("status", {"image": {"repository": ""}}, "at '/image/repository': '' does not match pattern"),
        (
            "status",
            {"image": {"repository": "reg:5000/a/b:1.0"}},
            "at '/image/repository': 'reg:5000/a/b:1.0'",
        ),
        ("status", {"image": {"repository": "a/b@sha256:0"}}, "at '/image/repository': 'a/b@sha256:0'"),
        (
            "status",
            {"podLabels": {"app.kubernetes.io/component": "x"}},
            'podLabels has "app.kubernetes.io/component", which the chart sets itself. Remove it.',
        ),
        ("status", {"pathPrefix": "status"}, "at '/pathPrefix': 'status' does not match pattern"),
        ("status", {"settings": {"PORT": 1}}, "settings.PORT cannot be set"),
        (
            "status",
            {"settings": {"PATH_PREFIX": "/x"}},
            "settings.PATH_PREFIX cannot be set: the chart sets it from the value pathPrefix",
        ),
        (
            "status",
            {"settings": {"LOG_LEVEL_FILE": "/x"}},
            "settings.LOG_LEVEL_FILE cannot be set: the chart sets it from the value log.level",
        ),
        (
            "status",
            {"settings": {"DRAIN_SECONDS": 60}},
            "settings.DRAIN_SECONDS cannot be set: the chart sets it from the value preStopSeconds.",
        ),
        (
            "inventory",
            {"database": DATABASE, "settings": {"DATABASE_WAIT_SECONDS": 600}},
            "settings.DATABASE_WAIT_SECONDS cannot be set: the chart sets it from the value startupSeconds.",
        ),
        (
            "benchtop",
            {**TRIAL, "inventory": {"secretSettings": {"DATABASE_URL": {"secret": "a", "key": "b"}}}},
            "inventory.secretSettings.DATABASE_URL cannot be set: the chart sets it from the value inventory.database",
        ),
        (
            "status",
            {"secretSettings": {"HOST": {"secret": "a", "key": "b"}}},
            "secretSettings.HOST cannot be set",
        ),
        (
            "balances",
            {"database": DATABASE, "settings": {"FEEDS": "{}"}},
            "settings.FEEDS cannot be set: the chart sets it from the value feeds",
        ),
        ("status", {"settings": {"port": 1}}, "at '/settings': additional properties 'port' not allowed"),
        ("status", {"settings": {"LOG_LEVEL": ["x"]}}, "at '/settings/LOG_LEVEL': got array, want"),
        (
            "status",
            {"secretSettings": {"COMMIT_FILE": "y"}},
            "at '/secretSettings/COMMIT_FILE': got string, want object",
        ),
        (
            "status",
            {"settings": {"MAX_BODY_BYTE": 1}},
            "at '/settings': additional properties 'MAX_BODY_BYTE' not allowed",
        ),
        (
            "status",
            {"settings": {"WORKER_CONCURRENCY": 5}},
            "at '/settings': additional properties 'WORKER_CONCURRENCY' not allowed",
        ),
        (
            "inventory",
            {"database": DATABASE, "settings": {"HTTPS_PROXY": "http://proxy"}},
            "at '/settings': additional properties 'HTTPS_PROXY' not allowed",
        ),
        (
            "inventory",
            {"database": DATABASE, "secretSettings": {"WORKER_BACH": {"secret": "a", "key": "b"}}},
            "at '/secretSettings': additional properties 'WORKER_BACH' not allowed",
        ),
        (
            "inventory",
            {"database": DATABASE, "settings": {"WORKER_CONCURRENCY": 0}},
            "at '/settings/WORKER_CONCURRENCY': minimum: got 0, want 1",
        ),
        (
            "status",
            {"settings": {"MAX_BODY_BYTES": True}},
            "at '/settings/MAX_BODY_BYTES': got boolean, want",
        ),
        (
            "status",
            {"extraEnv": [{"value": "x"}]},
            "at '/extraEnv/0': missing property 'name'",
        ),
        (
            "status",
            {"extraEnv": [{"name": "TZ", "value": "UTC", "secret": "x"}]},
            "at '/extraEnv/0': additional properties 'secret' not allowed",
        ),
        (
            "status",
            {"extraEnv": [{"name": "TZ", "value": "UTC"}, {"name": "TZ", "value": "CET"}]},
            'extraEnv has "TZ" twice, and only the last one would be used. Remove one.',
        ),
        (
            "status",
            {"extraEnv": [{"name": "SHUTDOWN_SECONDS", "value": "1"}]},
            "extraEnv.SHUTDOWN_SECONDS cannot be set: the chart sets it from the value shutdownSeconds. Use that",
        ),
        (
            "inventory",
            {"database": DATABASE, "extraEnv": [{"name": "DATABASE_URL", "value": "x"}]},
            "extraEnv.DATABASE_URL cannot be set: the chart sets it from the value database.existingSecret.",
        ),
        (
            "status",
            {
                "settings": {"MAX_BODY_BYTES": 1},
                "extraEnv": [{"name": "MAX_BODY_BYTES", "value": "2"}],
            },
            "extraEnv.MAX_BODY_BYTES and settings.MAX_BODY_BYTES are the same variable. Remove one.",
        ),
        ("status", {"api": {"resources": {"limits": {"cpu": "many"}}}}, "at '/api/resources/limits/cpu'"),
        ("status", {"tmpSize": "64 MB"}, "at '/tmpSize': '64 MB' does not match pattern"),
        ("status", {"preStopSeconds": 0}, "at '/preStopSeconds': minimum: got 0, want 1"),
        ("status", {"tmpSize": "100m"}, "at '/tmpSize': '100m' does not match pattern"),
        ("status", {"image": {"tag": 1.10}}, "at '/image/tag': got number, want"),
        ("status", {"image": {"tag": "bad tag"}}, "at '/image/tag': 'bad tag' does not match pattern"),
        ("status", {"networkPolicy": {"dns": []}}, "at '/networkPolicy/dns': minItems: got 0, want 1"),
        (
            "status",
            {"api": {"autoscaling": {"enabled": True, "minReplicas": 9}}},
            "api.autoscaling.minReplicas is 9, but api.autoscaling.maxReplicas is only 6. Raise maxReplicas",
        ),
        ("status", {"monitoring": {"rules": {"runbookBase": "wiki"}}}, "at '/monitoring/rules/runbookBase'"),
        ("inventory", {}, "kubectl -n default create secret generic inventory-database --from-literal=uri="),
        ("inventory", {"database": {**DATABASE, "poolSize": 0}}, "at '/database/poolSize': minimum"),
        (
            "inventory",
            {"database": {"existingSecret": "Bad Name"}},
            "at '/database/existingSecret': 'Bad Name'",
        ),
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
            {"database": DATABASE, "feeds": [{**BANK, "url": "https://bank.example:65536/"}]},
            "at '/feeds/0/url': 'https://bank.example:65536/' does not match pattern",
        ),
        (
            "balances",
            {"database": DATABASE, "feeds": [BANK], "secretSettings": {"FEEDS": {"secret": "a", "key": "b"}}},
            "feeds and secretSettings.FEEDS are both set, but only one of them can be used. Remove one",
        ),
        (
            "balances",
            {"database": DATABASE, "feeds": [{**BANK, "timeout": 3}]},
            "at '/feeds/0': additional properties 'timeout' not allowed",
        ),
        (
            "balances",
            {"database": DATABASE, "feeds": [BANK, {**BANK, "currency": "EUR"}]},
            'feeds contains the name "bank" twice. Give each feed a different name.',
        ),
        (
            "balances",
            {"database": DATABASE, "feeds": [{**BANK, "currency": "XXY"}]},
            "at '/feeds/0/currency': 'XXY' does not match pattern",
        ),
        (
            "balances",
            {"database": DATABASE, "feeds": [{**BANK, "deadline": 850}]},
            "refresh.deadlineSeconds is 900, but the feeds may take 910 s in all. Raise it, or lower",
        ),
        ("benchtop", {}, "For a trial, let this chart install one:\n\n  ... --set postgresql.enabled=true"),
        (
            "benchtop",
            {**TRIAL, "inventory": {"database": {"trial": False}}},
            "  ... --set inventory.database.existingSecret=inventory-database",
        ),
        (
            "benchtop",
            {"balances": {"database": DATABASE}},
            "kubectl -n default create secret generic inventory-database --from-literal=uri=",
        ),
        ("benchtop", {**TRIAL, "inventory": {"api": {"replica": 3}}}, "'replica' not allowed"),
        ("benchtop", {**TRIAL, "ingres": {}}, "additional properties 'ingres' not allowed"),
        (
            "benchtop",
            {**TRIAL, "ingress": {"hosts": {"stats": "a.example"}}},
            "properties 'stats' not allowed",
        ),
        (
            "benchtop",
            {**TRIAL, "ingress": {"hosts": {"status": "a.example", "inventory": "a.example"}}},
            "ingress.hosts has the same host for two services",
        ),
        (
            "benchtop",
            {**TRIAL, "inventory": {"pathPrefix": ""}},
            "inventory.pathPrefix is empty, but the services share one host, so no request would be routed to",
        ),
        (
            "benchtop",
            {**TRIAL, "inventory": {"pathPrefix": "/lab"}, "status": {"pathPrefix": "/lab"}},
            'inventory.pathPrefix and status.pathPrefix are both "/lab", so requests would reach only one of the two',
        ),
        ("benchtop", {**TRIAL, "ingress": {"tlsSecret": "my cert"}}, "at '/ingress/tlsSecret': 'my cert'"),
        (
            "benchtop",
            {"postgresql": {"enabled": True, "storage": {"size": "100m"}}},
            "at '/postgresql/storage/size': '100m' does not match pattern",
        ),
        (
            "benchtop",
            {**TRIAL, "balances": {"networkPolicy": {"feeds": None}}},
            "balances:\n- at '/networkPolicy': missing property 'feeds'",
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


RESERVED = {
    "HOST": "other objects of the chart depend on it. Remove it.",
    "PORT": "other objects of the chart depend on it. Remove it.",
    "METRICS_PORT": "other objects of the chart depend on it. Remove it.",
    "PATH_PREFIX": "the chart sets it from the value pathPrefix. Use that value.",
    "LOG_LEVEL": "the chart sets it from the value log.level. Use that value.",
    "LOG_FORMAT": "the chart sets it from the value log.format. Use that value.",
    "SHUTDOWN_SECONDS": "the chart sets it from the value shutdownSeconds. Use that",
    "DATABASE_URL": "the chart sets it from the value database.existingSecret. Use that value.",
    "DATABASE_POOL_SIZE": "the chart sets it from the value database.poolSize. Use that value.",
    "FEEDS": "the chart sets it from the value feeds. Use that value.",
}


@pytest.mark.parametrize("suffix", ["", "_FILE"])
@pytest.mark.parametrize(
    ("where", "given"), [("settings", "x"), ("secretSettings", {"secret": "a", "key": "b"})]
)
@pytest.mark.parametrize("name", RESERVED)
def test_a_setting_that_the_chart_makes_is_refused_wherever_it_stands(
    render: Render, name: str, where: str, given: Any, suffix: str
) -> None:
    rendered = render("balances", {"database": DATABASE, where: {name + suffix: given}})
    if (where, name + suffix) == ("secretSettings", "FEEDS"):  # feeds may come from a secret
        assert rendered.status == 0
    else:
        assert f"{where}.{name}{suffix} cannot be set: {RESERVED[name]}" in rendered.error


@pytest.mark.parametrize("chart", ["status", "inventory", "balances", "benchtop"])
def test_an_umbrella_may_set_global_and_enabled(render: Render, chart: str) -> None:
    values = {"global": {"anything": 1}, "enabled": True}
    values |= TRIAL if chart == "benchtop" else {} if chart == "status" else {"database": DATABASE}
    assert render(chart, values).status == 0


@pytest.mark.parametrize(
    "url", ["https://?x", "https://:80", "https://bank.example:0/x", "https:///x", "bank.example"]
)
def test_an_address_without_a_host_is_no_feed(render: Render, url: str) -> None:
    rendered = render("balances", {"database": DATABASE, "feeds": [{**BANK, "url": url}]})
    assert f"at '/feeds/0/url': '{url}' does not match pattern" in rendered.error


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8001/x", "http://[::1]:8001", "https://bank.example?page={page}", "http://feeds"],
)
def test_any_other_address_may_have_a_feed(render: Render, url: str) -> None:
    assert render("balances", {"database": DATABASE, "feeds": [{**BANK, "url": url}]}).status == 0


@pytest.mark.parametrize(
    "host", ["*", "*lab.example", "a..b", "10.0.0.1", "lab.example.", "Lab", "-a.example"]
)
def test_what_is_no_name_of_a_host_is_refused(render: Render, host: str) -> None:
    for where, ingress in (("host", {"host": host}), ("hosts/status", {"hosts": {"status": host}})):
        rendered = render("benchtop", {**TRIAL, "ingress": ingress})
        assert f"at '/ingress/{where}': '{host}' does not match pattern" in rendered.error


@pytest.mark.parametrize(
    "host", ["lab.example", "*.lab.example", "localhost", "a-1.2b.example", "xn--lb-via.example"]
)
def test_names_of_hosts_are_taken(render: Render, host: str) -> None:
    assert render("benchtop", {**TRIAL, "ingress": {"host": host}}).status == 0


@pytest.mark.parametrize(
    "schedule",
    ["* * * *", "* * * * * *", "hourly", "17 * * * * # hourly", "@", "17;* * * *"],
)
def test_what_is_no_line_of_cron_is_refused(render: Render, schedule: str) -> None:
    rendered = render("balances", {"database": DATABASE, "refresh": {"schedule": schedule}})
    assert f"at '/refresh/schedule': '{schedule}' does not match pattern" in rendered.error


@pytest.mark.parametrize(
    "schedule",
    ["17 * * * *", "0,30 08 1-15/2  jan-JUN MON,FRI", "0 6 ? * *", "@hourly", "@every 1h30m"],
)
def test_valid_schedules_of_cron_are_accepted(render: Render, schedule: str) -> None:
    assert render("balances", {"database": DATABASE, "refresh": {"schedule": schedule}}).status == 0
