"""Conditional requests (RFC 9110, section 13): entity tags, 304 for `If-None-Match`, and `If-Match` for writes."""

import hashlib
import re

from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import Malformed, PreconditionRequired
from chassis.web.operations import RequestHeader

IF_NONE_MATCH = {
    "If-None-Match": RequestHeader(
        description="ETag of a response that you have; if it is still current, the response is 304"
    )
}
IF_MATCH = {
    "If-Match": RequestHeader(
        description="ETag of the version that you change, or `*` for any version",
        pattern=r'^(\*|(W/)?"[^"]*"(, ?(W/)?"[^"]*")*)$',
        required=True,
        example="*",
    )
}

TAGS = re.compile(r'\s*(W/)?"([^"]*)"\s*(?:,|$)')
VERSION = re.compile(r"([0-9]{1,18})(-[0-9a-f]{8})?").fullmatch
"""Text of a tag of `VersionTags`. The tags of earlier releases have the first part only."""


class VersionTags:
    """Entity tags of one kind of object: the row's version and a digest of the representation, as in `7-1f0c93ab`.

    A release may change the representation of a version. A tag of the old representation then gives no 304. For
    `If-Match`, which is about the row, only the version counts.

    Args:
        sql: SQL that makes the representation; its digest stands for the representation.
    """

    def __init__(self, sql: bytes) -> None:
        self._representation = hashlib.blake2b(sql, digest_size=4).hexdigest()

    def tag(self, version: int) -> str:
        """The tag of one version, without quotes."""
        return f"{version}-{self._representation}"


def respond_conditionally(
    request: Request,
    body: bytes,
    tag: object = None,
    *,
    status: int = 200,
    location: str | None = None,
) -> Response:
    """Respond with JSON and its strong entity tag, or with 304 if the client has it already (`If-None-Match`).

    Args:
        request: the request.
        body: the JSON.
        tag: the entity tag without quotes, such as one of `VersionTags`; by default a digest of the body.
        status: the status code, unless it is 304.
        location: path of the created object, without the path prefix of the service.
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
    """The versions in `If-Match`; None for `*`, which matches any version.

    A weak tag, or a tag that is not one of `VersionTags`, matches no version.

    Raises:
        PreconditionRequired: the header is missing.
        Malformed: the header has no entity tag.
    """
    lines = request.headers.getlist("if-match")
    if not lines:
        raise PreconditionRequired(
            "The If-Match header is missing. Send the ETag of the version that you change, or `If-Match: *` for any."
        )
    given = ", ".join(lines)
    if given.strip() == "*":
        return None
    tags = TAGS.findall(given)
    if not tags:
        raise Malformed('If-Match must be `*` or entity tags in quotes, such as "7".')
    versions = [VERSION(name) for weak, name in tags if not weak]
    return [int(match[1]) for match in versions if match]
