"""Settings of access that contradict each other stop the start, with a message that names them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.chassis.access.guarded import SCRIPT
from tests.chassis.access.guarded_service import OPERATIONS, SERVICE

from chassis.access.configured import api_server_url, check
from chassis.access.loopback import is_secure
from chassis.process.access_settings import Issuer
from chassis.process.settings import Settings, SettingsError
from chassis.web.app import create_app

ID = Issuer(issuer="https://id.example")
CLUSTER = Issuer(issuer="kubernetes")

WRONG: dict[str, tuple[Mapping[str, Any], str]] = {
    "nobody could sign in": ({}, "set ACCESS_ISSUERS"),
    "the same issuer twice": (
        {"access_issuers": [ID, Issuer(issuer=ID.issuer, prefix="b:")]},
        "ACCESS_ISSUERS has the issuer https://id.example 2 times",
    ),
    "two issuers without a prefix": (
        {"access_issuers": [ID, Issuer(issuer="https://b.example")]},
        "Give one of these a prefix: https://id.example, https://b.example",
    ),
    "two issuers with the same prefix": (
        {
            "access_issuers": [
                Issuer(issuer=ID.issuer, prefix="b:"),
                Issuer(issuer="https://b.example", prefix="b:"),
            ]
        },
        "the prefix b: of https://b.example begins with the prefix b: of https://id.example",
    ),
    "a prefix that begins with another one": (
        {
            "access_issuers": [
                Issuer(issuer=ID.issuer, prefix="lab:a:"),
                Issuer(issuer="https://b.example", prefix="lab:"),
            ]
        },
        "the prefix lab:a: of https://id.example begins with the prefix lab: of https://b.example",
    ),
    "an e-mail address with a capital letter": (
        {
            "access_issuers": [Issuer(issuer=ID.issuer, username="email")],
            "access_roles": {"admin": ["group:It", "user:Ada@lab.example"]},
        },
        "write e-mail addresses in lower case: user:ada@lab.example, not user:Ada@lab.example",
    ),
    "one after a prefix": (
        {
            "access_issuers": [ID, Issuer(issuer="https://b.example", username="email", prefix="B:")],
            "access_roles": {"admin": ["user:B:Ada@lab.example"]},
        },
        "write e-mail addresses in lower case: user:B:ada@lab.example",
    ),
    "plain http": ({"access_issuers": [Issuer(issuer="http://id.example")]}, "needs https"),
    "a reserved prefix": (
        {"access_issuers": [Issuer(issuer=ID.issuer, prefix="system:")]},
        "prefix system: is reserved",
    ),
    "the cluster with a prefix": (
        {"access_issuers": [Issuer(issuer="kubernetes", prefix="k:")]},
        "can only have an audience",
    ),
    "the cluster with a claim for the username": (
        {"access_issuers": [Issuer(issuer="kubernetes", username="email")]},
        "can only have an audience",
    ),
    "the cluster without its folder": (
        {"access_issuers": [CLUSTER], "access_cluster_dir": "/nowhere"},
        "ACCESS_CLUSTER_DIR needs the files token and ca.crt of a service account: /nowhere has no token and no ca.crt",
    ),
    "the cluster outside of a pod": ({"access_issuers": [CLUSTER]}, "KUBERNETES_SERVICE_HOST is not set"),
    "RBAC without a namespace": (
        {"access_issuers": [ID], "access_authorizer": "kubernetes"},
        "needs ACCESS_NAMESPACE",
    ),
    "RBAC and roles": (
        {
            "access_issuers": [ID],
            "access_authorizer": "kubernetes",
            "access_namespace": "lab",
            "access_roles": {"admin": ["user:ada"]},
        },
        "ACCESS_ROLES has no effect",
    ),
    "open to the network": ({"access": "open", "host": "0.0.0.0"}, "ACCESS_OPEN_TO_NETWORK=1"),
    "open to the network by name": (
        {"access": "open", "host": "lab.example"},
        "everybody who reaches lab.example",
    ),
}


@pytest.mark.parametrize(("settings", "message"), WRONG.values(), ids=list(WRONG))
def test_settings_that_contradict_each_other_are_refused(
    settings: Mapping[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(SettingsError) as refused:
        create_app(SERVICE, Settings(**settings), OPERATIONS)
    assert message in str(refused.value)


RIGHT: Mapping[str, Mapping[str, Any]] = {
    "two issuers, one with a prefix": {
        "access_issuers": [ID, Issuer(issuer="https://b.example", prefix="b:")]
    },
    "three issuers, two with a prefix": {
        "access_issuers": [
            ID,
            Issuer(issuer="https://b.example", prefix="b:"),
            Issuer(issuer="https://c.example", prefix="c:"),
        ]
    },
    "capital letters where the username is no e-mail address": {
        "access_issuers": [
            Issuer(issuer=ID.issuer, username="email"),
            Issuer(issuer="https://b.example", username="preferred_username", prefix="b:"),
        ],
        "access_roles": {
            "admin": ["user:b:Ada@lab.example", "user:ada@lab.example", "serviceaccount:lab/robot"],
            "viewer": ["group:It@lab.example"],
        },
    },
    "an issuer on this machine": {"access_issuers": [Issuer(issuer="http://localhost:9000/realm")]},
    "only sessions": {"access_session_keys_file": "/keys"},
    "open on IPv4": {"access": "open", "host": "127.0.0.2"},
    "open on IPv6": {"access": "open", "host": "::1"},
    "open on IPv6 in brackets": {"access": "open", "host": "[::1]"},
    "open by name": {"access": "open", "host": "localhost"},
    "open to the network, confirmed": {"access": "open", "host": "::", "access_open_to_network": True},
}


@pytest.mark.parametrize("settings", RIGHT.values(), ids=list(RIGHT))
def test_other_settings_are_accepted(settings: Mapping[str, Any]) -> None:
    check(Settings(**settings))


def test_all_that_is_wrong_is_said_at_once() -> None:
    settings = Settings(
        access_issuers=[ID, ID], access_authorizer="kubernetes", access_cluster_dir="/nowhere"
    )
    with pytest.raises(SettingsError, match=r"2 times.*ACCESS_NAMESPACE.*/nowhere"):
        check(settings)


def test_the_command_reports_it_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        env={**os.environ, "ACCESS": "token"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "ACCESS_ISSUERS" in json.loads(line)["event"]


def test_an_application_without_operations_needs_no_settings_of_access() -> None:
    assert create_app(SERVICE, Settings(host="0.0.0.0")).state.access.is_open


def test_an_open_service_does_not_load_the_libraries_for_tokens(tmp_path: Path) -> None:
    script = tmp_path / "imports.py"
    script.write_text(
        "import sys\n"
        "from chassis.process.settings import Settings\n"
        "from tests.chassis.access.guarded_service import OPERATIONS, SERVICE\n"
        "from chassis.web.app import create_app\n"
        "create_app(SERVICE, Settings(access='open'), OPERATIONS)\n"
        "print([name for name in ('joserfc', 'cryptography', 'httpx') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": os.curdir},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [("10.0.0.1", "443", "https://10.0.0.1:443"), ("fd00::1", "", "https://[fd00::1]:443")],
)
def test_the_address_of_the_api_server(host: str, port: str, url: str) -> None:
    environ = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
    assert api_server_url(environ) == url


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("https://id.example/realm", True),
        ("https://127.0.0.1", True),
        ("http://127.0.0.1:9000", True),
        ("http://[::1]:9000", True),
        ("http://localhost", True),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://127.0.0.1@evil.example", False),
        ("http://id.example", False),
        ("ftp://localhost", False),
        ("https://[", False),
    ],
)
def test_only_this_machine_may_have_plain_http(url: str, secure: bool) -> None:
    assert is_secure(url) is secure
