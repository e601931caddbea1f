"""What can go wrong in answering a request, said without HTTP; `problem` gives each its status code."""

from collections.abc import Sequence

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """One thing wrong with one place of the input."""

    pointer: str
    """JSON Pointer (RFC 6901) into the body, or the name of a query parameter; empty for the whole."""
    code: str
    """Stable word for programs, such as `invalid`, `taken`, `unknown`."""
    detail: str
    """The sentence for people."""


class RequestError(Exception):
    """The request cannot be answered; the message says what is wrong and what to do."""

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)


class Malformed(RequestError):
    """The request is not what it says it is: broken JSON, a bad header, a bad cursor."""


class NotFound(RequestError):
    """Nothing is there."""


class Conflict(RequestError):
    """The state of something else forbids it: a value taken, a thing still referred to."""


class PreconditionFailed(RequestError):
    """The thing changed since the caller read it (RFC 9110, section 13.1.1)."""


class PreconditionRequired(RequestError):
    """The caller must say which version it means (RFC 6585, section 3)."""


class UnsupportedMediaType(RequestError):
    """The body is of another type than the route reads."""


class Invalid(RequestError):
    """Well-formed, but not acceptable; `errors` says where."""


class BadUpstream(RequestError):
    """Another system answered with something that cannot be used."""


class Unavailable(RequestError):
    """Something this service needs is away; asking again later is right."""

    def __init__(self, detail: str, errors: Sequence[FieldError] = (), *, retry_after: int = 5) -> None:
        super().__init__(detail, errors)
        self.retry_after = retry_after
        """Seconds after which to ask again."""
