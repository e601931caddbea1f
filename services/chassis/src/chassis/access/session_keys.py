"""The keys of sessions: a file with one key in each line, which is read again when it changes."""

import base64
import binascii
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from chassis.process.settings import SettingsError

SETTING = "ACCESS_SESSION_KEYS_FILE"

LEAST_BYTES = 32
"""Minimum size of a key: that of the hash function (RFC 7518, section 3.2)."""

VERIFYING = 2
"""Number of keys whose signatures are accepted, so that a new key can be put before the old one."""

CHECK_SECONDS = 2.0
"""The file is looked at no more often than this, in seconds."""

ALGORITHM = "HS256"

REMEDY = f"Make one with `openssl rand -base64 {LEAST_BYTES}`."

log = structlog.get_logger()


class SessionKeys:
    """Signs and verifies JSON with the keys of a file.

    Args:
        path: the file; empty if there are no keys. It may be made later: there are no keys until then.
        clock: monotonic time in seconds.

    Raises:
        SettingsError: the file cannot be read, or has no valid key.
    """

    def __init__(self, path: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = Path(path) if path else None
        self._clock = clock
        self._keys: Sequence[OctKey] = ()
        self._seen: object = None
        self._looked = clock()
        self._failed = False
        self._registry = jws.JWSRegistry(algorithms=[ALGORITHM])
        self.changes = 0
        """How often the keys have changed, for caches of what was verified with them."""
        if self._path is not None:
            try:
                self._seen, self._keys = _fingerprint(self._path), _read(self._path)
            except FileNotFoundError:
                log.warning("There are no keys of sessions yet, so browsers cannot sign in", setting=SETTING)
                self._failed = True
            except (OSError, ValueError) as error:
                raise SettingsError(f"{SETTING} cannot be used: {error}") from error

    def __bool__(self) -> bool:
        """Whether there are keys."""
        self.refresh()
        return bool(self._keys)

    def sign(self, kind: str, payload: bytes) -> str:
        """A JWS with the first key.

        Args:
            kind: what it is (`typ`), so that one kind is not accepted as another.
            payload: what is signed.

        Raises:
            RuntimeError: there are no keys.
        """
        self.refresh()
        if not self._keys:
            raise RuntimeError(f"There are no keys to sign with; {SETTING} names no file that exists.")
        return jws.serialize_compact(_header(kind), payload, self._keys[0], registry=self._registry)

    def verified(self, kind: str, token: str) -> bytes | None:
        """The payload of a JWS of this kind that one of the first two keys has signed; otherwise None."""
        self.refresh()
        for key in self._keys[:VERIFYING]:
            try:
                found = jws.deserialize_compact(token, key, registry=self._registry)
            except (JoseError, ValueError, TypeError, RecursionError):
                continue
            if found.headers() == _header(kind):
                return found.payload
        return None

    def refresh(self) -> None:
        """Read the file again if it has changed. While it cannot be read, the keys stay as they were."""
        now = self._clock()
        if self._path is None or now - self._looked < CHECK_SECONDS:
            return
        self._looked = now
        try:
            seen = _fingerprint(self._path)
            if seen == self._seen:
                return
            keys = _read(self._path)
        except (OSError, ValueError) as error:
            if not self._failed:
                log.warning("The keys of sessions could not be read again", setting=SETTING, error=str(error))
            self._failed = True
            return
        self._failed = False
        self._seen, self._keys = seen, keys
        self.changes += 1
        log.info("The keys of sessions were read again", keys=len(keys))


def _header(kind: str) -> dict[str, str]:
    return {"typ": kind, "alg": ALGORITHM}


def _fingerprint(path: Path) -> object:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path) -> Sequence[OctKey]:
    """The keys in a file.

    Raises:
        OSError: the file cannot be read.
        ValueError: the file has no key, or one that is malformed or too short.
    """
    lines = [line.strip() for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
    if not lines:
        raise ValueError(f"there is no key in {path}. {REMEDY}")
    return [OctKey.import_key(_decoded(line, number)) for number, line in enumerate(lines[:VERIFYING], 1)]


def _decoded(line: str, number: int) -> bytes:
    text = line.translate({ord("+"): "-", ord("/"): "_"}).rstrip(
        "="
    )  # `openssl rand -base64 32` writes + and /
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(f"key {number} is not base64url. {REMEDY}") from error
    if len(key) < LEAST_BYTES:
        raise ValueError(f"key {number} has {len(key)} bytes; it must have at least {LEAST_BYTES}. {REMEDY}")
    return key
