"""The first key of sessions, in a secret of the cluster: the command `status create-session-key`.

The chart runs it before an installation or an upgrade. It never changes a secret that exists, because a new key would
end all sessions.

Source: Kubernetes API, resource Secret.
"""

import argparse
import os
import secrets
import ssl
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import msgspec

from chassis import command_line
from chassis.process.settings import Settings
from chassis.web.app import Service

COMMAND = "create-session-key"

FIELD = "keys"
"""Key of the secret under which the session keys are, one in each line."""

KEY_BYTES = 32
TIMEOUT_SECONDS = 5.0
PATIENCE_SECONDS = 30.0
PAUSE_SECONDS = 1.0

CREATED = 201
NOT_FOUND = 404
CONFLICT = 409


class SessionKeyError(Exception):
    """The secret could not be created; the message gives the reason, and what to do."""


class _Status(msgspec.Struct):
    """An error of the Kubernetes API."""

    message: str


class _NotYet(Exception):
    """The API server gave no answer that counts; the message says why. Trying again may help."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        COMMAND,
        help="create the secret with the key of sessions, unless it exists; for a pod in a cluster",
    )
    parser.add_argument("--secret", required=True, help="name of the secret")
    parser.add_argument(
        "--label", action="append", default=[], metavar="NAME=VALUE", help="a label of the secret"
    )


def run(service: Service, settings: Settings, arguments: argparse.Namespace) -> None:
    """Run the command; exit with status 1 and one line if it fails."""
    labels = dict(label.split("=", 1) for label in arguments.label if "=" in label)
    try:
        created = create_session_key(settings, server_of(os.environ), arguments.secret, labels)
    except SessionKeyError as error:
        command_line.exit_with_error(service, str(error), 1)
    command_line.print_line(
        service,
        f"The secret {arguments.secret} was created, with a key for sessions."
        if created
        else f"The secret {arguments.secret} exists, and was not changed.",
    )


def server_of(environ: Mapping[str, str]) -> str:
    """URL of the Kubernetes API server, from the variables that every pod has.

    Raises:
        SessionKeyError: this process does not run in a pod.
    """
    host, port = environ.get("KUBERNETES_SERVICE_HOST"), environ.get("KUBERNETES_SERVICE_PORT")
    if not host or not port:
        raise SessionKeyError(
            f"{COMMAND} needs a pod of a cluster, but KUBERNETES_SERVICE_HOST is not set. Elsewhere, write 32 random"
            " bytes in base64url into the file that ACCESS_SESSION_KEYS_FILE names."
        )
    return f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"


def create_session_key(settings: Settings, server: str, secret: str, labels: Mapping[str, str]) -> bool:
    """Create the secret with a random key, unless there is one of that name.

    Args:
        settings: ACCESS_NAMESPACE is the namespace of the secret; ACCESS_CLUSTER_DIR contains `token` and `ca.crt`.
        server: URL of the Kubernetes API server.
        secret: name of the secret.
        labels: labels of the secret.

    Returns:
        True if it was created, false if it exists.

    Raises:
        SessionKeyError: it was not created, and does not exist with a key for sessions.
    """
    namespace = settings.access_namespace
    if not namespace:
        raise SessionKeyError("ACCESS_NAMESPACE is not set; it is the namespace of the secret.")
    folder = Path(settings.access_cluster_dir)
    try:
        token = (folder / "token").read_text(encoding="utf-8").strip()
        trusted = ssl.create_default_context(cafile=folder / "ca.crt")
    except OSError as error:  # an SSLError is one, too
        raise SessionKeyError(
            f"The folder {folder} must contain a token of the pod's ServiceAccount, and the certificate of the API"
            f" server: {error}"
        ) from error
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(
        base_url=server, headers=headers, verify=trusted, timeout=TIMEOUT_SECONDS, trust_env=False
    ) as client:
        return _until_answered(client, f"/api/v1/namespaces/{namespace}/secrets", secret, labels)


def _until_answered(client: httpx.Client, path: str, secret: str, labels: Mapping[str, str]) -> bool:
    """Try for some seconds: a network plugin may need a moment to allow the connections of a new pod."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return _create(client, path, secret, labels)
        except (_NotYet, httpx.TransportError) as error:
            if time.monotonic() > deadline:
                raise SessionKeyError(
                    f"The Kubernetes API server at {client.base_url} cannot be asked: {error}. If a NetworkPolicy"
                    " prevents it, see the value networkPolicy.apiServer of the chart."
                ) from error
        time.sleep(PAUSE_SECONDS)


def _create(client: httpx.Client, path: str, secret: str, labels: Mapping[str, str]) -> bool:
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": secret, "labels": dict(labels)},
        "stringData": {FIELD: secrets.token_urlsafe(KEY_BYTES) + "\n"},
    }
    answer = client.post(path, json=body)
    if answer.status_code == CREATED:
        return True
    if answer.status_code != CONFLICT:
        raise _error(answer, f"create the secret {secret}")
    there = client.get(f"{path}/{secret}")
    if there.status_code == NOT_FOUND:
        raise _NotYet(f"the secret {secret} exists and does not exist; it is being deleted")
    if there.is_error:
        raise _error(there, f"read the secret {secret}")
    if not (there.json().get("data") or {}).get(FIELD):
        raise SessionKeyError(
            f"The secret {secret} exists, but has no key {FIELD!r}. If nothing else uses it, delete it and run this"
            " again. Otherwise name another secret in the value access.sessionKey.existingSecret of the chart."
        )
    return False


def _error(answer: httpx.Response, what: str) -> Exception:
    """The error for an answer of the API server, with its own words."""
    try:
        said = msgspec.json.decode(answer.content, type=_Status).message
    except msgspec.DecodeError:
        said = answer.text[:300]
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
        return _NotYet(f"HTTP status {answer.status_code}: {said}")
    return SessionKeyError(
        f"The Kubernetes API server refused to {what}, with status {answer.status_code}: {said}"
    )
