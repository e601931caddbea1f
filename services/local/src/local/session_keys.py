"""The key of the sessions of browsers, made at the first start that needs one."""

import os
import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path

from chassis.access.session_keys import LEAST_BYTES

NAME = "session-keys"


def made(folder: Path) -> Path:
    """The file with the key, which only this user can read. Whoever has the key can sign in as anybody."""
    path = folder / NAME
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(urlsafe_b64encode(secrets.token_bytes(LEAST_BYTES)).decode() + "\n")
    return path
