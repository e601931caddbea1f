"""Status with a provider that a test scripts."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient
from tests.status.sign_in.browser import Browser
from tests.support.issuer import DISCOVERY, KEYS, Answer, TestIssuer, as_json
from tests.support.session_files import write_keys

from chassis.process.access_settings import Issuer
from status.app import StatusSettings, create
from status.sign_in.client import SignInClient

ORIGIN = "https://lab.example"

TOKEN = "/token"  # noqa: S105  a path

SECRET = "a secret/with: odd+characters %"  # noqa: S105  of the client of the tests


class Provider(TestIssuer):
    """A provider that answers its token endpoint as a test wants.

    Attributes:
        metadata: members of its discovery document beside issuer and jwks_uri; a test may change them.
        code: the code that `arrival` has.
    """

    def __init__(self) -> None:
        super().__init__()
        self.code = "a-code"
        self.metadata: dict[str, Any] = {
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}{TOKEN}",
        }

    def answer(self, path: str) -> Answer:
        """The response to a request."""
        if path == DISCOVERY and path not in self.answers:
            self.requests.append(path)
            return as_json({"issuer": self.url, "jwks_uri": self.url + KEYS, **self.metadata})
        return super().answer(path)

    def give(self, id_token: str) -> None:
        """Let the token endpoint answer with this ID token."""
        self.answers[TOKEN] = as_json({"access_token": "x", "token_type": "Bearer", "id_token": id_token})

    def id_token(self, sent: dict[str, str], **claims: Any) -> str:
        """An ID token for the parameters with which a browser was sent here."""
        given = {
            "audience": "benchtop-client",
            "nonce": sent["nonce"],
            "email": "Ada@lab.example",
            "email_verified": True,
            "name": "Ada Lovelace",
            "groups": ["it"],
            **claims,
        }
        return self.token(**given)

    def arrival(self, sent: dict[str, str], **parameters: str | None) -> str:
        """The path with which the provider sends a browser back; a parameter that is None is left out."""
        given = {"code": self.code, "state": sent["state"], "iss": self.url, **parameters}
        return f"/sign-in/callback?{urlencode({k: v for k, v in given.items() if v is not None})}"


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    try:
        yield provider
    finally:
        provider.stop()


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return write_keys(tmp_path / "keys")


Start = Callable[..., Browser]


@pytest.fixture
def settings(provider: Provider, keys: Path) -> dict[str, Any]:
    """The settings with which people sign in at the provider."""
    return {
        "access": "token",
        "access_issuers": [Issuer(issuer=provider.url, username="email", groups="groups", prefix="")],
        "access_roles": {"admin": ["group:it"]},
        "access_session_keys_file": str(keys),
        "public_origin": ORIGIN,
        "sign_in_client": SignInClient(
            issuer=provider.url, client_id="benchtop-client", client_secret=SECRET
        ),
    }


@pytest.fixture
def start(settings: dict[str, Any]) -> Iterator[Start]:
    """Starts status, and opens a browser there."""
    with ExitStack() as stack:

        def begin(**changes: Any) -> Browser:
            app = create(StatusSettings(**{**settings, **changes}))
            return Browser(stack.enter_context(TestClient(app, base_url=ORIGIN)))

        yield begin


@pytest.fixture
def browser(start: Start) -> Browser:
    return start()


def sign_in(browser: Browser, provider: Provider, next_page: str = "/", **claims: Any) -> None:
    """Sign in at the provider."""
    sent = browser.begin(next_page)
    provider.give(provider.id_token(sent, **claims))
    response = browser.get(provider.arrival(sent), sec_fetch_site="cross-site")
    assert response.status_code == 303, response.text
