"""A real OpenID Connect provider (Canaille) with one client and a few people."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from joserfc.jwk import RSAKey
from tests.support.processes import free_port

SECRET = "s3cret-of-the-client_of-a-test"  # noqa: S105  of the client of a test


class Person(NamedTuple):
    """Somebody who can sign in."""

    user_name: str
    name: str
    groups: Sequence[str] = ()
    password: str = "correct horse battery staple"  # noqa: S105  of a person of a test

    @property
    def email(self) -> str:
        """The person's e-mail address."""
        return f"{self.user_name}@lab.example"


ADA = Person("ada", "Ada Lovelace", ("it", "freezers"))
GRACE = Person("grace", "Grace Hopper", ("freezers",))
EVE = Person("eve", "Eve", ())


class OpenIdProvider:
    """The provider. It forgets who is signed in when it is stopped, but its keys stay.

    Args:
        redirect_uri: the address to which it sends people back.
        people: who can sign in.
        method: how the client authenticates.
    """

    def __init__(
        self,
        redirect_uri: str,
        people: Sequence[Person] = (ADA, GRACE, EVE),
        method: str = "client_secret_basic",
    ) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.client_id = "benchtop"
        self._redirect_uri = redirect_uri
        self._people = people
        self._method = method
        self._keys = [_new_key()]
        self._process: subprocess.Popen[str] | None = None

    @property
    def sign_in_client(self) -> str:
        """The setting SIGN_IN_CLIENT."""
        return json.dumps(
            {
                "issuer": self.url,
                "client_id": self.client_id,
                "client_secret": SECRET,
                "scopes": ["openid", "profile", "email", "groups"],
            }
        )

    def issuers(self, prefix: str = "") -> str:
        """The setting ACCESS_ISSUERS."""
        return json.dumps([{"issuer": self.url, "username": "email", "groups": "groups", "prefix": prefix}])

    def start(self) -> None:
        """Start, and wait until it listens."""
        given = {
            "port": self.port,
            "active": self._keys[-1:],
            "inactive": self._keys[:-1],
            "users": [{**one._asdict(), "email": one.email} for one in self._people],
            "client": {
                "client_id": self.client_id,
                "client_secret": SECRET,
                "redirect_uris": [self._redirect_uri],
                "method": self._method,
            },
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.provider_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(given))
        self._process.stdin.close()
        assert self._process.stdout.readline() == "ready\n", "the provider did not start"

    def stop(self) -> None:
        """Stop: the provider is out."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout:
                self._process.stdout.close()
            self._process = None

    def rotate(self) -> None:
        """Sign with a new key from now on; the old one is still published."""
        self.stop()
        self._keys.append(_new_key())
        self.start()


def _new_key() -> Any:
    key = RSAKey.generate_key(2048, {"use": "sig"})
    key.ensure_kid()
    return key.as_dict(private=True)


@contextmanager
def providing(redirect_uri: str, **more: Any) -> Iterator[OpenIdProvider]:
    """Run a provider until the end of the block."""
    provider = OpenIdProvider(redirect_uri, **more)
    try:
        provider.start()
        yield provider
    finally:
        provider.stop()
