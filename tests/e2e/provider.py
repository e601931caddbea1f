"""An OpenID Connect provider on the cluster: Canaille, with a certificate of its own authority.

`E2E_PROVIDER_IMAGE` is the image (default: `benchtop/provider:e2e`, which `make e2e-images` builds).
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from joserfc.jwk import RSAKey
from tests.e2e import outside
from tests.e2e.cluster import Cluster
from tests.support import provider_process
from tests.support.api_server import certificate
from tests.support.openid_provider import ADA, GRACE, SECRET, Person

NAME = "provider"
PORT = 8443
CLIENT = "benchtop"
FOLDER = "/provider"
RUN = f"""
import runpy, sys
sys.stdin = open("{FOLDER}/given.json")
runpy.run_path("{FOLDER}/provider_process.py", run_name="__main__")
"""


class Provider:
    """The provider. Everybody has the same URL for it: the name of its Service.

    Args:
        cluster: the cluster.
        namespace: where its pod, its Service and its secret are.
        redirect_uri: the address to which it sends people back.
        folder: for its certificate.
        people: who can sign in.
    """

    def __init__(
        self,
        cluster: Cluster,
        namespace: str,
        redirect_uri: str,
        folder: Path,
        people: Sequence[Person] = (ADA, GRACE),
    ) -> None:
        self.host = f"{NAME}.{namespace}.svc.cluster.local"
        self.url = f"https://{self.host}:{PORT}"
        self._cluster = cluster
        self._namespace = namespace
        self._redirect_uri = redirect_uri
        self._people = people
        self._keys = [_new_key()]
        self._pair = certificate(folder, self.host).read_text()
        self.authority = (folder / "ca.crt").read_text()
        service = {"selector": {"app": NAME}, "ports": [{"port": PORT}]}
        cluster.create(
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": NAME}, "spec": service}, namespace
        )

    @property
    def client(self) -> str:
        """The setting SIGN_IN_CLIENT."""
        scopes = ["openid", "profile", "email", "groups"]
        return json.dumps(
            {"issuer": self.url, "client_id": CLIENT, "client_secret": SECRET, "scopes": scopes}
        )

    @property
    def issuer(self) -> Mapping[str, str]:
        """The entry of ACCESS_ISSUERS."""
        return {"issuer": self.url, "username": "email"}

    def start(self) -> None:
        """Start, and wait until it listens."""
        given = {
            "port": PORT,
            "address": f"{self.host}:{PORT}",
            "listen": "",
            "certificate": f"{FOLDER}/pair.pem",
            "active": self._keys[-1:],
            "inactive": self._keys[:-1],
            "users": [{**one._asdict(), "email": one.email} for one in self._people],
            "client": {
                "client_id": CLIENT,
                "client_secret": SECRET,
                "redirect_uris": [self._redirect_uri],
                "method": "client_secret_basic",
            },
        }
        files = {
            "given.json": json.dumps(given),
            "pair.pem": self._pair,
            "provider_process.py": Path(provider_process.__file__).read_text(),
        }
        self._cluster.gone("Secret", NAME, self._namespace)
        self._cluster.create(
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": NAME}, "stringData": files},
            self._namespace,
        )
        image = os.environ.get("E2E_PROVIDER_IMAGE") or "benchtop/provider:e2e"
        pod = outside.pod(NAME, image, ["python", "-c", RUN])
        pod["spec"]["volumes"] = [
            {"name": "files", "secret": {"secretName": NAME}},
            {"name": "tmp", "emptyDir": {}},
        ]
        main = pod["spec"]["containers"][0]
        main["volumeMounts"] = [
            {"name": "files", "mountPath": FOLDER, "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108  in the pod
        ]
        main["readinessProbe"] = {"tcpSocket": {"port": PORT}, "periodSeconds": 1}
        self._cluster.create(pod, self._namespace)
        self._cluster.wait_for_pod(NAME, self._namespace)

    def stop(self) -> None:
        """Stop: the provider is out. It forgets who is signed in there, but its keys stay."""
        self._cluster.gone("Pod", NAME, self._namespace)

    def rotate(self) -> None:
        """Sign with a new key from now on; the old one is still published."""
        self.stop()
        self._keys.append(_new_key())
        self.start()


def _new_key() -> Any:
    key = RSAKey.generate_key(2048, {"use": "sig"})
    key.ensure_kid()
    return key.as_dict(private=True)
