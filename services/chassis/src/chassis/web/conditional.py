"""Conditional requests (RFC 9110, section 13): entity tags, 304, and writes that name the version they mean."""

import hashlib
import re

from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import Malformed, PreconditionRequired
from chassis.web.operations import RequestHeader

IF_NONE_MATCH = {
    "If-None-Match": RequestHeader(description="ETag of the answer you have: 304 if it is still that")
}
IF_MATCH = {
    "If-Match": RequestHeader(
        description="ETag of the version you mean, or `*` for any",
        pattern=r'^(\*|(W/)?"[^"]*"(, ?(W/)?"[^"]*")*)$',
        required=True,
    )
}

TAGS = re.compile(r'\s*(W/)?"([^"]*)"\s*(?:,|$)')
VERSION = re.compile(r"([0-9]{1,18})(-[0-9a-f]{8})?").fullmatch
"""The name of a tag of `VersionTags`; the tags that earlier releases gave out have the first part only."""


class VersionTags:
    """The entity tags of one representation: each names a row's version and the representation, as in `7-1f0c93ab`.

    Another release may make another representation of the same version. So a tag that was given out for the one is
    never answered 304 for the other; in `If-Match`, which is about the row, only the version counts.

    Args:
        sql: the SQL that makes the representation.
    """

    def __init__(self, sql: bytes) -> None:
        self._representation = hashlib.blake2b(sql, digest_size=4).hexdigest()

    def tag(self, version: int) -> str:
        """The tag of one version."""
        return f"{version}-{self._representation}"


def represent(
    request: Request,
    body: bytes,
    tag: object = None,
    *,
    status: int = 200,
    location: str | None = None,
) -> Response:
    """JSON with its strong entity tag, or 304 if the caller has it already.

    Args:
        request: the request, for its `If-None-Match`.
        body: the JSON.
        tag: what tells this representation from any other of the same thing, such as one of `VersionTags`; a
            digest of the body if there is none.
        status: the status code.
        location: path of what was created, below the service's root.
    """
    if tag is None:
        tag = hashlib.blake2b(body, digest_size=12).hexdigest()
    headers = {"ETag": f'"{tag}"'}
    if location is not None:
        headers["Location"] = request.scope.get("root_path", "") + location
    if request.method in ("GET", "HEAD") and _named(request, str(tag)):
        return Response(None, 304, headers)
    return Response(body, status, headers, "application/json")


def _named(request: Request, tag: str) -> bool:
    lines = request.headers.getlist("if-none-match")
    if not lines:
        return False
    given = ", ".join(lines)
    return given.strip() == "*" or any(name == tag for _, name in TAGS.findall(given))


def expected_versions(request: Request) -> list[int] | None:
    """The versions that `If-Match` names; None for `*`, which means any.

    A weak tag, or one that no version has, matches nothing.

    Raises:
        PreconditionRequired: the header is missing.
        Malformed: it holds no entity tag.
    """
    lines = request.headers.getlist("if-match")
    if not lines:
        raise PreconditionRequired(
            "Say which version you change: send its ETag as If-Match, or `If-Match: *` for whichever is there."
        )
    given = ", ".join(lines)
    if given.strip() == "*":
        return None
    tags = TAGS.findall(given)
    if not tags:
        raise Malformed('If-Match must be `*` or entity tags in quotes, such as "7".')
    versions = [VERSION(name) for weak, name in tags if not weak]
    return [int(match[1]) for match in versions if match]
