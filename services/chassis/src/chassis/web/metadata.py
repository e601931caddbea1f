"""Name, version and commit of a service, for `/metadata`."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

EXCERPT = 12
"""Number of characters of the commit's SHA that are shown."""


class Metadata(msgspec.Struct, frozen=True):
    """The body of `/metadata`."""

    app_name: Annotated[str, Meta(description="Name of the service", examples=["inventory"])]
    description: Annotated[
        str, Meta(description="What the service does", examples=["What the lab keeps, and where."])
    ]
    version: Annotated[str, Meta(description="Version of the service", examples=["0.1.0"])]
    last_commit_sha: Annotated[
        str,
        Meta(
            description="First characters of the commit that the image was built from; `Development` outside of an"
            " image",
            examples=["0f6f5a4f2a10"],
        ),
    ]


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
