"""The keys of an issuer (RFC 7517), each bound to one algorithm.

Each key is imported by itself, so that one that cannot be used does not make the others useless.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import JWKRegistry, Key, RSAKey
from joserfc.jws import JWSRegistry

from chassis.process.access_settings import Algorithm

SMALLEST_RSA_BITS = 2048
"""Minimum size of an RSA key (RFC 7518, section 3.3)."""

LONGEST_HEADER = 4096
"""Maximum size of the header of a token in bytes; some issuers put a certificate into it."""

SUITABLE: Mapping[tuple[str, str], Sequence[str]] = {
    ("RSA", ""): ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
}
"""The algorithms of each type of key and curve."""


class OneAlgorithm(JWSRegistry):
    """Accepts tokens of one algorithm, whatever their header says.

    Args:
        algorithm: name of the algorithm.
    """

    max_header_length = LONGEST_HEADER

    def __init__(self, algorithm: str) -> None:
        super().__init__(algorithms=[algorithm], strict_check_header=False)
        self.algorithm = algorithm

    def get_alg(self, name: str) -> Any:
        """The algorithm of the key; raises UnsupportedAlgorithmError if the token names another one."""
        if name != self.algorithm:
            raise UnsupportedAlgorithmError(f"The algorithm of the key is {self.algorithm}")
        return self.algorithms[self.algorithm]


class VerificationKey(NamedTuple):
    """A key with which signatures are verified."""

    key: Key
    registry: OneAlgorithm

    @property
    def algorithm(self) -> str:
        """Name of its algorithm."""
        return self.registry.algorithm


class UnusableKey(Exception):
    """A key cannot be used. The message says why."""


class KeySet:
    """The keys of an issuer.

    Args:
        published: the member `keys` of the issuer's JWK Set.
        algorithms: the algorithms that are accepted. A key that names no algorithm gets the first one that suits it.
    """

    def __init__(self, published: Sequence[Any], algorithms: Sequence[Algorithm]) -> None:
        self.published = published
        self.unusable: list[str] = []
        """Why some of the keys cannot be used."""
        self._keys: list[tuple[str | None, VerificationKey]] = []
        for one in published:
            try:
                self._keys.append(_imported(one, algorithms))
            except UnusableKey as error:
                self.unusable.append(str(error))

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, kid: str | None) -> Sequence[VerificationKey]:
        """The keys with this id. Without an id, the only key that there is."""
        if kid is None:
            return [key for _, key in self._keys] if len(self._keys) == 1 else []
        return [key for own, key in self._keys if own == kid]


def _imported(published: Any, algorithms: Sequence[Algorithm]) -> tuple[str | None, VerificationKey]:
    if not isinstance(published, dict):
        raise UnusableKey("it is not an object")
    kid = published.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise UnusableKey("its id is not text")
    title = f"{published.get('kty')} key {kid!r}"[:200]
    if published.get("use", "sig") != "sig":
        raise UnusableKey(f"the {title} is not for signatures")
    is_rsa = published.get("kty") == "RSA"
    suitable = SUITABLE.get((str(published.get("kty")), "" if is_rsa else str(published.get("crv"))), ())
    algorithm = _algorithm(published.get("alg"), [one for one in algorithms if one in suitable])
    if algorithm is None:
        raise UnusableKey(f"the {title} has no algorithm of {', '.join(algorithms)} (ACCESS_ALGORITHMS)")
    try:
        if is_rsa:
            _require_size(published)
        key = JWKRegistry.import_key({name: published[name] for name in published if name in MEMBERS})
        registry = OneAlgorithm(algorithm)
        registry.get_alg(algorithm).check_key(key)
    except (JoseError, ValueError, TypeError, KeyError, OverflowError, ArithmeticError) as error:
        raise UnusableKey(f"the {title} cannot be read ({error})"[:300]) from error
    return kid, VerificationKey(key, registry)


MEMBERS = frozenset({"kty", "kid", "n", "e", "crv", "x", "y"})
"""The members of a public key. Others, such as certificates, are not needed, and could be wrong."""


def _algorithm(named: Any, accepted: Sequence[str]) -> str | None:
    if named == "Ed25519" and "EdDSA" in accepted:
        return "Ed25519"  # the newer name of the same algorithm (RFC 9864)
    if named is not None:
        return named if named in accepted else None
    return next(iter(accepted), None)


def _require_size(published: Mapping[str, Any]) -> None:
    """Check the size before the import, which only warns."""
    bits = RSAKey.binding.import_public_key({"n": published["n"], "e": published["e"]}).key_size
    if bits < SMALLEST_RSA_BITS:
        raise ValueError(f"it has {bits} bits, and needs {SMALLEST_RSA_BITS}")
