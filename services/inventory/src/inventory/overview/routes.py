"""The operation of the overview under /v1."""

from starlette.requests import Request
from starlette.responses import Response

from chassis.web.conditional import IF_NONE_MATCH, respond_conditionally
from chassis.web.operations import Operation
from inventory import permissions
from inventory.overview import store
from inventory.overview.overview import Overview


async def get_overview(request: Request) -> Response:
    """`GET /v1/overview`."""
    return respond_conditionally(request, await store.get_overview(request.state.database))


OPERATIONS = [
    Operation(
        method="GET",
        path="/v1/overview",
        endpoint=get_overview,
        summary="Count what the lab keeps",
        needs=permissions.OVERVIEW.to("get"),
        description="How many sites, freezers, computers, containers and users there are, and the fullest freezers.",
        returns=Overview,
        errors=(503,),
        headers=IF_NONE_MATCH,
    ),
]
