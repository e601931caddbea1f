"""Verifies tokens of trusted issuers, and remembers for a short time who they name.

Source: RFC 7519; RFC 8725 (JSON Web Token Best Current Practices).
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

import msgspec
from joserfc import jws
from joserfc.errors import JoseError

from chassis.access.bearer import INVALID, require_one_token
from chassis.access.caller import Caller
from chassis.access.claims import Claims, check_audience, check_times, read_claims, refused
from chassis.access.expiring_cache import ExpiringCache
from chassis.access.identity import caller_of
from chassis.access.issuer_keys import IssuerKeys, KeySource
from chassis.access.key_set import LONGEST_HEADER
from chassis.errors import Unauthenticated
from chassis.process.access_settings import CLUSTER, Algorithm, Issuer
from chassis.process.background import BackgroundTasks

CACHED_TOKENS = 1024
CACHED_SECONDS = 60.0
"""How many verified tokens are remembered, and for how long."""

TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
"""The types of tokens that are accepted (RFC 9068, section 4), in lower case; most tokens have none."""


class NotAToken(Unauthenticated):
    """What was sent is no JSON Web Token, or not a complete one."""


class Trusted(NamedTuple):
    """An issuer whose tokens are accepted."""

    settings: Issuer
    keys: IssuerKeys


class Verified(NamedTuple):
    """A token whose signature, audience and times are right."""

    issuer: Issuer
    claims: Claims
    payload: Mapping[str, Any]
    """All claims."""


class Tokens:
    """Verifies tokens.

    Args:
        issuers: the issuers that are trusted, each with the source of its keys.
        audience: the audience that tokens must have, if the settings of their issuer name no other.
        algorithms: the algorithms that are accepted.
        most_seconds: maximum lifetime of a token.
        kept: the groups that this service knows; None to keep all.
    """

    def __init__(
        self,
        issuers: Sequence[tuple[Issuer, KeySource]],
        *,
        audience: str,
        algorithms: Sequence[Algorithm],
        most_seconds: float,
        kept: frozenset[str] | None = None,
    ) -> None:
        self._cache = ExpiringCache[bytes, Caller](CACHED_TOKENS)
        self._audience = audience
        self._most_seconds = most_seconds
        self._kept = kept
        self._trusted = [
            Trusted(one, IssuerKeys(source, algorithms, self._cache.clear, _name(one)))
            for one, source in issuers
        ]

    @asynccontextmanager
    async def running(self, tasks: BackgroundTasks) -> AsyncIterator[None]:
        """Keep the keys of all issuers up to date until the end of the block."""
        async with AsyncExitStack() as stack:
            for one in self._trusted:
                await stack.enter_async_context(one.keys.running(tasks))
            yield

    async def check_started(self) -> None:
        """Check the first keys of each issuer: see `IssuerKeys.check_started`."""
        await asyncio.gather(*(one.keys.check_started() for one in self._trusted))

    async def caller(self, token: bytes) -> Caller:
        """The caller that a token names, as a request has it.

        Raises:
            Unauthenticated: the token is not valid.
            Unavailable: the keys of its issuer are not known.
        """
        digest = hashlib.sha256(token).digest()
        known = self._cache.get(digest)
        if known is not None:
            return known
        require_one_token(token)
        verified = await self.verify(token)
        caller = caller_of(verified.issuer, verified.claims, verified.payload, self._kept)
        self._cache.put(digest, caller, min(CACHED_SECONDS, caller.expires - time.time()))
        return caller

    def trusts(self, issuer: str) -> bool:
        """Whether somebody whom this issuer named may still be signed in.

        While the name of the cluster's issuer is not known, each issuer may be the one: who is signed in stays so.
        """
        names = [one.keys.issuer for one in self._trusted]
        # Without issuers, status has verified who signed in, and its signature on the session is all there is
        return not names or issuer in names or "" in names

    async def verify(self, token: bytes, audience: str = "") -> Verified:
        """Verify a token.

        Args:
            token: the token.
            audience: the audience that it must have; empty for that of the settings.

        Raises:
            NotAToken: it is none.
            Unauthenticated: the token is not valid.
            Unavailable: the keys of its issuer are not known.
        """
        signed, payload = _decoded(token)
        claims = read_claims(payload)
        issuer, keys = await self._issuer(claims.iss)
        await _check_signature(signed, keys)
        check_audience(claims, audience or issuer.audience or self._audience)
        check_times(claims, time.time(), self._most_seconds)
        return Verified(issuer, claims, payload)

    async def _issuer(self, name: str) -> Trusted:
        """The trusted issuer with this name; the name of the cluster may be known only after a request."""
        for one in self._trusted:
            if one.keys.issuer == name:
                return one
        unknown = [one.keys.require_issuer() for one in self._trusted if not one.keys.issuer]
        if unknown:
            await asyncio.gather(*unknown)
            return await self._issuer(name)
        raise refused(
            "The token is of an issuer that is not trusted here. Its claim iss must be in ACCESS_ISSUERS."
        )


def _name(issuer: Issuer) -> str:
    return "" if issuer.issuer == CLUSTER else issuer.issuer


def _decoded(token: bytes) -> tuple[jws.CompactSignature, dict[str, Any]]:
    """A token that has not been verified, and its claims."""
    try:
        signed = jws.extract_compact(token, registry=DECODING)
        payload = msgspec.json.decode(signed.payload or b"")
    except (JoseError, msgspec.DecodeError, ValueError, RecursionError) as error:
        raise NotAToken("The token is not a signed JSON Web Token.", error=INVALID) from error
    if not isinstance(signed.headers(), dict) or not isinstance(payload, dict):
        raise refused("The header and the claims of a token must be objects.")
    return signed, payload


class _Decoding(jws.JWSRegistry):
    """Limits of the parts of a token that has not been verified."""

    max_header_length = LONGEST_HEADER


DECODING = _Decoding()


async def _check_signature(signed: jws.CompactSignature, keys: IssuerKeys) -> None:
    """Check the header and the signature; raises Unauthenticated if they are not right."""
    header = signed.headers()
    kind, kid = header.get("typ", "JWT"), header.get("kid")
    if not isinstance(kind, str) or kind.lower() not in TYPES:
        raise refused("The token is of a type that is not accepted.")
    if "crit" in header or "b64" in header:
        raise refused("The token needs an extension that is not supported.")
    if kid is not None and not isinstance(kid, str):
        raise refused("The id of the key in the token is not text.")
    candidates = await keys.find(kid)
    if not candidates:
        raise refused("The issuer of the token has no such key. Get a new token.")
    for key in candidates:
        if key.algorithm == header["alg"]:
            try:
                if jws.validate_compact(signed, key.key, registry=key.registry):
                    return
            except (JoseError, ValueError) as error:
                raise refused("The signature of the token cannot be read.") from error
            raise refused("The signature of the token is wrong.")
    raise refused(
        f"The key of the token is for the algorithm {candidates[0].algorithm}, which the token does not use."
    )
