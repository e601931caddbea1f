"""A real issuer of tokens on loopback: its discovery document, its keys, and tokens that it signs."""

import base64
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey
from joserfc.jws import JWSRegistry

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/keys"

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256"]


class Answer(NamedTuple):
    """A response that the issuer gives instead of a document."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = {}
    pause: float = 0.0
    """Seconds before the response."""


class TestIssuer:
    """An issuer with one RSA key and one EC key, that listens from the start.

    Attributes:
        url: its URL, which is the claim `iss` of its tokens.
        requests: the paths that were requested, in order.
        posted: the bodies that were posted, and the headers that they came with, in order.
        answers: responses that replace those of the issuer, by path.
    """

    __test__ = False  # not a class of tests

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.posted: list[tuple[bytes, Mapping[str, str]]] = []
        self.answers: dict[str, Answer] = {}
        self._generation = 0
        self._published: list[Key] = []
        self.rsa, self.ec = self._new_keys()
        self._published = [self.rsa, self.ec]
        self._port = 0
        self._server: ThreadingHTTPServer | None = None
        self.start()
        self.url = f"http://127.0.0.1:{self._port}"

    def token(
        self,
        sub: str | None = "ada",
        *,
        audience: str | list[str] | None = "benchtop",
        lifetime: float = 600,
        age: float = 0,
        algorithm: str = "RS256",
        header: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A signed token.

        Args:
            sub: the claim `sub`.
            audience: the claim `aud`.
            lifetime: seconds from `iat` to `exp`.
            age: seconds since it was issued; negative if it was issued in the future.
            algorithm: the algorithm of the signature, which also chooses the key.
            header: members of the header that replace `alg`, `kid` and `typ`; None removes one.
            claims: more claims, such as `groups=["it"]`; None removes one.
        """
        key = self.ec if algorithm == "ES256" else self.rsa
        given = self.claims(sub, audience=audience, lifetime=lifetime, age=age, **claims)
        return sign(given, key, {"alg": algorithm, "kid": key.kid, "typ": "JWT", **(header or {})})

    def claims(
        self,
        sub: str | None = "ada",
        *,
        audience: str | list[str] | None = "benchtop",
        lifetime: float = 600,
        age: float = 0,
        **claims: Any,
    ) -> dict[str, Any]:
        """The claims of a token; see `token`."""
        issued = int(time.time() - age)
        given = {
            "iss": self.url,
            "sub": sub,
            "aud": audience,
            "iat": issued,
            "exp": issued + lifetime,
            **claims,
        }
        return {name: value for name, value in given.items() if value is not None}

    def rotate(self, *, keep: bool = False) -> None:
        """Sign with new keys from now on. The old ones are no longer published, except if `keep` is true."""
        self.rsa, self.ec = self._new_keys()
        self.publish(*(self._published if keep else ()), self.rsa, self.ec)

    def publish(self, *keys: Key) -> None:
        """Publish these keys, and no others."""
        self._published = list(keys)

    def start(self) -> None:
        """Listen again, on the same port as before."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        self._server.daemon_threads = True
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Stop listening: the issuer is down."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, path: str) -> Answer:
        """The response to a request."""
        self.requests.append(path)
        if path in self.answers:
            return self.answers[path]
        if path == DISCOVERY:
            return as_json({"issuer": self.url, "jwks_uri": self.url + KEYS})
        if path == KEYS:
            return as_json({"keys": [key.as_dict(private=False) for key in self._published]})
        return Answer(404)

    def _new_keys(self) -> tuple[RSAKey, ECKey]:
        self._generation += 1
        number = self._generation
        return (
            RSAKey.generate_key(2048, {"use": "sig", "kid": f"rsa-{number}"}),
            ECKey.generate_key("P-256", {"use": "sig", "kid": f"ec-{number}", "alg": "ES256"}),
        )


@contextmanager
def issuing() -> Iterator[TestIssuer]:
    """Run an issuer until the end of the block."""
    issuer = TestIssuer()
    try:
        yield issuer
    finally:
        issuer.stop()


def sign(claims: Mapping[str, Any], key: Key, header: Mapping[str, Any]) -> str:
    """A token with these claims and this header; members of the header with the value None are left out."""
    return jwt.encode(
        {name: value for name, value in header.items() if value is not None},
        dict(claims),
        key,
        registry=JWSRegistry(algorithms=[*ALGORITHMS, "HS256"], strict_check_header=False),
        default_type=None,
    )


def unpadded(part: bytes) -> str:
    """A part of a token in its encoding (base64url without padding)."""
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def encoded(part: Any) -> str:
    """The header or the claims of a token in their encoding."""
    return unpadded(json.dumps(part).encode())


def as_json(value: Any, status: int = 200) -> Answer:
    """A response with JSON."""
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


def _handler(issuer: TestIssuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = issuer.answer(self.path)
            time.sleep(answer.pause)
            with suppress(ConnectionError):  # the client may have gone
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            issuer.posted.append((body, dict(self.headers.items())))
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    return Handler
