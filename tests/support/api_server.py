"""A small API server of a cluster on loopback, with TLS: keys of service accounts, and reviews of what users may do."""

import datetime as dt
import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc.jwk import RSAKey
from tests.support.issuer import Answer, as_json, sign

DISCOVERY = "/.well-known/openid-configuration"
JWKS = "/openid/v1/jwks"
TYPES = {DISCOVERY: "application/json", JWKS: "application/jwk-set+json"}
"""The only content type of each document: Kubernetes responds with 406 to a request that does not accept it."""


class Asked(NamedTuple):
    """A request that the server received."""

    path: str
    token: str
    body: Any
    accept: str = ""


class TestApiServer:
    """An API server that knows one token, and allows what is in `allowed`.

    Attributes:
        folder: folder with `token` and `ca.crt`, as in a pod.
        asked: the requests, in order.
        allowed: what users may do: user or group, verb and resource.
        answers: responses that replace those of the server, by path.
        pause: seconds before each review is answered.
        most: maximum number of reviews that were answered at the same time.
    """

    __test__ = False  # not a class of tests

    issuer = "https://kubernetes.default.svc.cluster.local"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[Asked] = []
        self.allowed: set[tuple[str, str, str]] = set()
        self.answers: dict[str, Answer] = {}
        self.pause = 0.0
        self.most = self._now = 0
        self._lock = threading.Lock()
        self.key = RSAKey.generate_key(2048, {"kid": "cluster", "use": "sig", "alg": "RS256"})
        self.use_token("first")
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.renew()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        # The handshake is part of the request's thread, so a client that is slow or does not trust us stops no other
        self._server.socket = self._tls.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        """The address of the server, as pods get it."""
        return {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(self.port)}

    @property
    def reviews(self) -> list[Any]:
        """What the reviews asked for, in order."""
        return [one.body["spec"] for one in self.asked if one.body is not None]

    def use_token(self, token: str) -> None:
        """Accept only this token from now on, and put it where the kubelet does."""
        self._token = token
        (self.folder / "token").write_text(token)

    def renew(self) -> None:
        """Use a new certificate from now on, and put it where the kubelet does."""
        self._tls.load_cert_chain(certificate(self.folder))

    def token(
        self, account: str = "lab:robot", audience: str = "benchtop", kid: str = "cluster", **changed: Any
    ) -> str:
        """A token of a service account, as the cluster makes it; `changed` are other claims."""
        namespace, _, name = account.partition(":")
        now = int(time.time())
        claims = {
            "aud": [audience],
            "exp": now + 3600,
            "iat": now,
            "nbf": now,
            "iss": self.issuer,
            "jti": "5b8f9d5e-0b1c-4f0e-9a53-0f6f5a4f2a10",
            "kubernetes.io": {"namespace": namespace, "serviceaccount": {"name": name, "uid": "1"}},
            "sub": f"system:serviceaccount:{account}",
        }
        return sign(claims | changed, self.key, {"alg": "RS256", "kid": kid})

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked: Asked) -> Answer:
        """The response to a request."""
        self.asked.append(asked)
        if asked.token != self._token:
            return Answer(401)
        if asked.path in self.answers:
            return self.answers[asked.path]
        if asked.path in TYPES:
            return self._document(asked)
        if asked.path.endswith("/localsubjectaccessreviews") and asked.body:
            return self._review(asked.body)
        return Answer(404)

    def _document(self, asked: Asked) -> Answer:
        if TYPES[asked.path] not in asked.accept:
            return Answer(406)
        if asked.path == JWKS:
            return as_json({"keys": [self.key.as_dict(private=False)]})
        return as_json({"issuer": self.issuer, "jwks_uri": "https://10.255.255.1:6443/openid/v1/jwks"})

    def _review(self, body: Any) -> Answer:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(self.pause)
        with self._lock:
            self._now -= 1
        spec = body["spec"]
        attributes = spec["resourceAttributes"]
        names = [spec["user"], *spec["groups"]]
        allowed = any((name, attributes["verb"], attributes["resource"]) in self.allowed for name in names)
        return as_json({**body, "status": {"allowed": allowed}}, 201)


@contextmanager
def serving_api(folder: Path) -> Iterator[TestApiServer]:
    """Run an API server until the end of the block."""
    server = TestApiServer(folder)
    try:
        yield server
    finally:
        server.stop()


def certificate(folder: Path, host: str = "") -> Path:
    """Write a certificate that signs itself: `ca.crt`, and with its key the file that is returned.

    Args:
        folder: where the files are written.
        host: name of the host; empty for 127.0.0.1.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName(host) if host else x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoded = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.crt").write_bytes(encoded)
    pair = folder / "pair.pem"
    pair.write_bytes(encoded + private)
    return pair


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """Print nothing: the client may have gone, or does not trust the certificate."""


def _handler(server: TestApiServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._respond(None)

        def do_POST(self) -> None:
            self._respond(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _respond(self, body: Any) -> None:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            answer = server.answer(Asked(self.path, token, body, self.headers.get("Accept", "")))
            time.sleep(answer.pause)
            with suppress(OSError):  # the client may have gone
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    return Handler
