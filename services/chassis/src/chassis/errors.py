"""Errors of requests, without HTTP: `chassis.web.problem` gives each class its status code."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta


class FieldError(msgspec.Struct, frozen=True):
    """An error in one place of the request."""

    pointer: Annotated[
        str,
        Meta(
            description="JSON Pointer (RFC 6901) into the body, or the name of a query parameter; empty for the whole"
            " body",
            examples=["/name"],
        ),
    ]
    code: Annotated[
        str,
        Meta(
            description="Code that clients can compare, such as `invalid`, `taken`, `unknown`; it does not change in"
            " later releases",
            examples=["missing"],
        ),
    ]
    detail: Annotated[str, Meta(description="Sentence for people", examples=["The field 'name' is missing"])]


class RequestError(Exception):
    """The request cannot be carried out. The message says what is wrong, and what to do."""

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)


class Malformed(RequestError):
    """The request cannot be read: its JSON, a header or its cursor is malformed."""


class Unauthenticated(RequestError):
    """The client has not signed in, or its token or session is not valid."""

    def __init__(self, detail: str, *, error: str = "") -> None:
        super().__init__(detail)
        self.error = error
        """`invalid_token` if credentials were sent, for the header WWW-Authenticate (RFC 6750, section 3)."""


class Forbidden(RequestError):
    """The client may not do this."""


class NotFound(RequestError):
    """The object does not exist."""


class Conflict(RequestError):
    """The request conflicts with other data: a value is taken, or an object is still referred to."""


class PreconditionFailed(RequestError):
    """The object has changed since the client read it (RFC 9110, section 13.1.1)."""


class PreconditionRequired(RequestError):
    """The request needs an `If-Match` header, and has none (RFC 6585, section 3)."""


class UnsupportedMediaType(RequestError):
    """The route does not accept the media type of the body."""


class Invalid(RequestError):
    """The request is well-formed, but some of its values are not valid; `errors` lists them."""


class BadUpstream(RequestError):
    """The response of another system cannot be used."""


class Unavailable(RequestError):
    """Something that the service needs is not available now. The client may retry later."""

    def __init__(self, detail: str, errors: Sequence[FieldError] = (), *, retry_after: int = 5) -> None:
        super().__init__(detail, errors)
        self.retry_after = retry_after
        """Seconds after which the client may retry."""
