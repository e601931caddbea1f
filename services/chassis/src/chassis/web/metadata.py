"""Name, version and commit of a service, for `/metadata`."""

from pathlib import Path

import msgspec

EXCERPT = 12
"""Number of characters of the commit's SHA that are shown."""


class Metadata(msgspec.Struct, frozen=True):
    """The body of `/metadata`."""

    app_name: str
    description: str
    version: str
    last_commit_sha: str


def commit(path: Path) -> str:
    """The Git commit that the image was built from, read from a file that the build wrote.

    Returns:
        The first characters of the SHA; `Development` without the file; `Unknown/Error` if the file cannot be read.
    """
    try:
        sha = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return "Development"
    except (OSError, UnicodeDecodeError):
        return "Unknown/Error"
    return sha[:EXCERPT] or "Unknown/Error"
