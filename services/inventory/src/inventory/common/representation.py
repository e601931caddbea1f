"""The representation of a row: its JSON, and the version of the row that the JSON shows."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from chassis.web.conditional import VersionTags, respond_conditionally


class Representation(msgspec.Struct, frozen=True):
    """A row as it is sent to the client."""

    id: int
    version: int
    body: bytes
    """JSON."""


def respond(request: Request, found: Representation, tags: VersionTags) -> Response:
    """The row as JSON with its ETag, or 304 if the client has it already."""
    return respond_conditionally(request, found.body, tags.tag(found.version))
