"""The application of the metrics port: `/metrics` for Prometheus, and nothing else.

No Ingress and no Service for callers has this port, so nobody has to sign in: a NetworkPolicy decides who reaches it.
"""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chassis.web import problem, request_id
from chassis.web.middleware.content_coding import ContentCoding

PATH = "/metrics"


def metrics_application(registry: CollectorRegistry) -> Starlette:
    """The application that returns the metrics of a registry."""

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    app = Starlette(
        routes=[Route(PATH, metrics, methods=["GET"])],
        exception_handlers={HTTPException: _refuse},
        middleware=[Middleware(ContentCoding)],
    )
    app.router.redirect_slashes = False  # the Location of a redirect would repeat the host of the request
    return app


async def _refuse(request: Request, error: Exception) -> Response:
    """A problem: the path is not `/metrics`, or the method is neither GET nor HEAD."""
    assert isinstance(error, HTTPException)  # noqa: S101  Starlette's signature is wider than its calls
    detail = f"This port has only GET {PATH}. The service listens on another port."
    return problem.respond(
        error.status_code, detail, headers={**(error.headers or {}), **request_id.headers(request.scope)}
    )
