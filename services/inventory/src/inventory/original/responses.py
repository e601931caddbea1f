"""The responses of the original paths: complete lists, JSON, and the status codes of errors."""

from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import RequestError, Unavailable
from chassis.web import problem
from chassis.web.json_stream import JsonStreams
from chassis.web.operations import ErrorResponder


def errors_as(code: int) -> ErrorResponder:
    """Make a responder that sends 404 for `NotFound`, 503 for `Unavailable`, and `code` for every other error."""

    def respond(error: RequestError) -> Response:
        if isinstance(error, Unavailable):
            return problem.respond(503, error.detail, headers={"Retry-After": str(error.retry_after)})
        status = problem.status_of(error)
        return problem.respond(404 if status == 404 else code, error.detail, error.errors)  # noqa: PLR2004  not found

    return respond


def json(body: bytes, status: int = 200) -> Response:
    """A response whose body is JSON already."""
    return Response(body, status, media_type="application/json")


def streams(request: Request) -> JsonStreams:
    """Responds with complete lists."""
    found: JsonStreams = request.state.streams
    return found
