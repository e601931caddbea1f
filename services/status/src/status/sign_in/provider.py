"""The client of an OpenID Connect provider: the authorization code flow with PKCE.

Source: OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 9207.
"""

import hmac
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx
import msgspec

from chassis.access import identity
from chassis.access.caller import Caller
from chassis.access.json_documents import ErrorResponse, NoDocument, request_json
from chassis.access.loopback import is_secure
from chassis.access.openid_provider import DOCUMENT_SECONDS, client
from chassis.access.tokens import Tokens
from chassis.errors import Unauthenticated
from status.sign_in.attempts import Attempt
from status.sign_in.client import SignInClient
from status.sign_in.discovery import Discovery

FORM = "application/x-www-form-urlencoded"

BASIC, POST = "client_secret_basic", "client_secret_post"
"""How a client authenticates: in a header, or in fields."""


ERROR = re.compile(r"[a-z_]{1,64}")
"""An error code that may be logged; those of RFC 6749, section 5.2, and of OpenID Connect are such."""

LATER = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS)
"""The statuses from 400 to 499 that say nothing about the sign-in or the client."""


class Refused(Exception):
    """The token endpoint does not accept the code, or not this client. The message says which error it named."""


def error_code(given: object) -> str:
    """An error code of the provider for the log: anybody can send one, so any other text is `unknown`."""
    return given if isinstance(given, str) and ERROR.fullmatch(given) else "unknown"


class Provider:
    """Signs people in at one provider.

    Args:
        settings: the client that is registered there.
        redirect_uri: the address to which the provider sends people back.
    """

    def __init__(self, settings: SignInClient, redirect_uri: str) -> None:
        self.settings = settings
        self._redirect_uri = redirect_uri
        self._http: httpx.AsyncClient | None = None
        self._discovery = Discovery(settings.issuer)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Keep the connections during the block."""
        async with client() as self._http:
            yield

    async def address(self, attempt: Attempt) -> str:
        """The address at which a person signs in.

        Raises:
            NoDocument: the provider cannot be asked, or does not say where that is.
        """
        endpoint = _endpoint(await self._discover(), "authorization_endpoint")
        parameters = {
            "response_type": "code",
            "response_mode": "query",
            "client_id": self.settings.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": " ".join(self.settings.scopes),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(parameters)}"

    async def caller(self, response: Mapping[str, str], attempt: Attempt, tokens: Tokens) -> Caller:
        """The person who signed in.

        Args:
            response: the parameters with which the provider sent the person back.
            attempt: the attempt that the browser began.
            tokens: verifies the ID token.

        Raises:
            NoDocument: the provider cannot be asked.
            Refused: it does not accept the code, or not this client.
            Unauthenticated: the response or the ID token is not valid.
            Unavailable: the keys of the provider are not known.
        """
        document = await self._discover()
        self._check_issuer(response, document)
        token = await self._exchange(document, response.get("code", ""), attempt)
        verified = await tokens.verify(token.encode(), self.settings.client_id)
        payload = verified.payload
        if verified.claims.iss != self.settings.issuer:
            raise Unauthenticated("The ID token is of another issuer.")
        if not hmac.compare_digest(str(payload.get("nonce", "")).encode(), attempt.nonce.encode()):
            raise Unauthenticated("The ID token is not of this attempt to sign in.")
        if payload.get("azp", self.settings.client_id) != self.settings.client_id:
            raise Unauthenticated("The ID token was issued to another client.")
        return identity.caller_of(verified.issuer, verified.claims, payload)

    def _check_issuer(self, response: Mapping[str, str], document: Mapping[str, Any]) -> None:
        """Check that the response is of this provider, and not of another one that it was mixed up with."""
        given = response.get("iss")
        required = document.get("authorization_response_iss_parameter_supported") is True
        if (given is not None or required) and given != self.settings.issuer:
            raise Unauthenticated("The response is of another provider.")

    async def _exchange(self, document: Mapping[str, Any], code: str, attempt: Attempt) -> str:
        """The ID token for a code."""
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": attempt.verifier,
        }
        headers = {"Content-Type": FORM, **self._authentication(document, fields)}
        try:
            answer = await request_json(
                self._opened(),
                _endpoint(document, "token_endpoint"),
                seconds=DOCUMENT_SECONDS,
                headers=headers,
                body=urlencode(fields).encode(),
            )
        except ErrorResponse as error:
            if not httpx.codes.is_client_error(error.status) or error.status in LATER:
                raise
            raise Refused(f"{error} Its error is {_error_in(error.content)}.") from error
        token = answer.get("id_token") if isinstance(answer, dict) else None
        if not isinstance(token, str):
            raise NoDocument("The token endpoint gave no ID token.")
        return token

    def _authentication(self, document: Mapping[str, Any], fields: dict[str, str]) -> Mapping[str, str]:
        """The headers that authenticate the client; or it adds fields that do (RFC 6749, section 2.3.1)."""
        ident, secret = self.settings.client_id, self.settings.client_secret
        methods = document.get("token_endpoint_auth_methods_supported", [BASIC])
        if not secret:
            fields["client_id"] = ident
        elif BASIC in methods:
            pair = f"{quote_plus(ident)}:{quote_plus(secret)}"
            return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        elif POST in methods:
            fields |= {"client_id": ident, "client_secret": secret}
        else:
            raise NoDocument(f"The provider accepts neither {BASIC} nor {POST}.")
        return {}

    async def _discover(self) -> Mapping[str, Any]:
        return await self._discovery.document(self._opened())

    def _opened(self) -> httpx.AsyncClient:
        if self._http is None:
            raise NoDocument("The client of the provider is not open.")
        return self._http


def _error_in(content: bytes) -> str:
    """The error code in the body of a response (RFC 6749, section 5.2)."""
    try:
        body = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return error_code(None)
    return error_code(body.get("error") if isinstance(body, dict) else None)


def _endpoint(document: Mapping[str, Any], name: str) -> str:
    url = document.get(name)
    if not isinstance(url, str) or not is_secure(url):
        raise NoDocument(f"The discovery document has no {name} with https.")
    return url
