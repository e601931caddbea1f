"""The original admin page of the users: the page of the people took its place."""

from starlette.requests import Request
from starlette.responses import Response

from chassis.pages.messages import redirect
from chassis.web.operations import Operation
from inventory import permissions


async def show_users(request: Request) -> Response:
    """`GET /admin/users`."""
    return redirect(request, "/ui/people")


OPERATIONS = [
    Operation(
        method="GET",
        path="/admin/users",
        endpoint=show_users,
        summary="Go to the page of the people",
        needs=permissions.USERS.to("list"),
        description="The response is a redirect to `/ui/people`.",
        status=303,
    ),
]
