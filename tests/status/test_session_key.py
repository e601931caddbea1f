"""The command that creates the secret with the key of sessions, against a server that answers like Kubernetes."""

import base64
import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.support.api_server import certificate

from chassis.process.settings import Settings
from status import session_key
from status.session_key import SessionKeyError, create_session_key, server_of

SECRETS = "/api/v1/namespaces/lab/secrets"


class ApiServer:
    """Secrets of the namespace `lab`, for callers with the token `right`.

    Attributes:
        secrets: the secrets by name.
        busy: the number of requests that are refused with 503 before one is served.
    """

    def __init__(self) -> None:
        self.secrets: dict[str, Any] = {}
        self.busy = 0
        self.url = ""

    def answer(self, method: str, path: str, authorization: str, body: Any) -> tuple[int, Any]:
        """Status and body of a response."""
        if self.busy:
            self.busy -= 1
            return 503, {"message": "busy"}
        if authorization != "Bearer right":
            return 401, {"message": "Unauthorized"}
        if method == "POST" and path == SECRETS:
            name = body["metadata"]["name"]
            if name == "forbidden":
                return 403, {"message": 'cannot create resource "secrets"'}
            if name in self.secrets:
                return 409, {"message": "already exists"}
            encoded = {
                key: base64.b64encode(text.encode()).decode() for key, text in body["stringData"].items()
            }
            self.secrets[name] = {"metadata": body["metadata"], "data": encoded}
            return 201, self.secrets[name]
        found = self.secrets.get(path.removeprefix(f"{SECRETS}/"))
        return (200, found) if found else (404, {"message": "not found"})


@contextmanager
def running(server: ApiServer, folder: Path) -> Iterator[None]:
    """Serve over TLS, with a certificate in the folder."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.respond(None)

        def do_POST(self) -> None:
            self.respond(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def respond(self, body: Any) -> None:
            status, answer = server.answer(
                self.command, self.path, self.headers.get("Authorization", ""), body
            )
            encoded = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name in the base class
            """Log nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        server.url = f"https://127.0.0.1:{listening.server_address[1]}"
        try:
            yield
        finally:
            listening.shutdown()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder with the token of the pod."""
    (tmp_path / "token").write_text("right\n")
    return tmp_path


@pytest.fixture
def api(folder: Path) -> Iterator[ApiServer]:
    """A server that answers like the Kubernetes API."""
    server = ApiServer()
    with running(server, folder):
        yield server


def run(api: ApiServer, folder: Path, name: str, *more: str) -> tuple[int, str]:
    """Exit status and message of the command in a pod."""
    _, host, port = api.url.split(":")
    told = {
        "ACCESS_NAMESPACE": "lab",
        "ACCESS_CLUSTER_DIR": str(folder),
        "KUBERNETES_SERVICE_HOST": host.strip("/"),
        "KUBERNETES_SERVICE_PORT": port,
        "LOG_FORMAT": "console",
    }
    done = subprocess.run(
        [Path(sys.executable).parent / "status", "create-session-key", "--secret", name, *more],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": os.environ["PATH"], **told},
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


def create(api: ApiServer, folder: Path, name: str = "session", namespace: str = "lab") -> bool:
    """Create a secret."""
    settings = Settings(access_namespace=namespace, access_cluster_dir=str(folder))
    return create_session_key(settings, api.url, name, {})


def keys(api: ApiServer, name: str = "session") -> list[str]:
    """The keys in a secret."""
    return base64.b64decode(api.secrets[name]["data"]["keys"]).decode().splitlines()


def test_the_command_creates_a_secret_with_labels_and_then_leaves_it_alone(
    api: ApiServer, folder: Path
) -> None:
    labels = ("--label", "app.kubernetes.io/instance=lab", "--label", "team=it")
    assert run(api, folder, "session", *labels) == (
        0,
        "status: The secret session was created, with a key for sessions.\n",
    )
    assert api.secrets["session"]["metadata"]["labels"] == {
        "app.kubernetes.io/instance": "lab",
        "team": "it",
    }
    before = keys(api)
    assert run(api, folder, "session") == (0, "status: The secret session exists, and was not changed.\n")
    assert keys(api) == before


def test_the_command_says_in_one_line_why_it_failed(api: ApiServer, folder: Path) -> None:
    status, said = run(api, folder, "forbidden")
    assert status == 1
    assert said == (
        "status: The Kubernetes API server refused to create the secret forbidden, with status 403: cannot create"
        ' resource "secrets"\n'
    )


def test_a_key_has_32_random_bytes(api: ApiServer, folder: Path) -> None:
    assert create(api, folder, "one")
    assert create(api, folder, "other")
    (one,), (other,) = keys(api, "one"), keys(api, "other")
    assert len(base64.urlsafe_b64decode(one + "=")) == 32
    assert one != other


@pytest.mark.parametrize("data", [None, {}, {"other": ""}])
def test_a_secret_without_keys_is_an_error(api: ApiServer, folder: Path, data: Any) -> None:
    api.secrets["session"] = {"data": data}
    with pytest.raises(SessionKeyError, match="The secret session exists, but has no key 'keys'"):
        create(api, folder)


def test_it_waits_while_the_api_server_is_busy(
    api: ApiServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_key, "PAUSE_SECONDS", 0.01)
    api.busy = 2
    assert create(api, folder)
    assert keys(api)


def test_a_token_that_is_refused_is_in_no_message(api: ApiServer, folder: Path) -> None:
    (folder / "token").write_text("do-not-tell")
    with pytest.raises(SessionKeyError, match="with status 401: Unauthorized") as raised:
        create(api, folder)
    assert "do-not-tell" not in str(raised.value)


@pytest.mark.parametrize("file", ["token", "ca.crt"])
def test_a_file_that_is_missing_is_named(api: ApiServer, folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(SessionKeyError, match="must contain a token of the pod's ServiceAccount"):
        create(api, folder)


def test_the_namespace_must_be_known(api: ApiServer, folder: Path) -> None:
    with pytest.raises(SessionKeyError, match="ACCESS_NAMESPACE is not set"):
        create(api, folder, namespace="")


def test_a_server_with_another_certificate_gets_no_token(
    api: ApiServer, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_key, "PATIENCE_SECONDS", 0.1)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    certificate(elsewhere)
    (elsewhere / "token").write_text("right")
    with pytest.raises(SessionKeyError, match="certificate verify failed"):
        create(api, elsewhere)
    assert api.secrets == {}


def test_outside_of_a_cluster_it_says_what_to_do_instead() -> None:
    with pytest.raises(SessionKeyError, match="write 32 random bytes in base64url into the file"):
        server_of({})


def test_the_address_of_an_api_server_may_be_ipv6() -> None:
    environment = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}
    assert server_of(environment) == "https://[fd00::1]:443"
