"""A service whose operations need permissions: `python guarded_service.py`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis import command_line
from chassis.access.caller import caller_of
from chassis.access.permissions import Resource
from chassis.process.settings import Settings
from chassis.web.app import Service, create_app
from chassis.web.operations import Operation, page

SERVICE = Service("chassis", "A guarded service for tests.")

NOTES = Resource("notes", list="viewer", create="member", delete="admin")


async def list_notes(request: Request) -> Response:
    """Respond with the caller."""
    caller = caller_of(request)
    return JSONResponse({"actor": caller.actor, "groups": caller.groups, "email": caller.email})


async def create_note(request: Request) -> Response:
    """Respond with the caller, as the other operations do."""
    return await list_notes(request)


async def delete_notes(request: Request) -> Response:
    """Delete nothing."""
    return await list_notes(request)


async def show_notes(request: Request) -> Response:
    """Respond with the caller, as a page."""
    return await list_notes(request)


OPERATIONS = [
    Operation(
        method="GET", path="/v1/notes", endpoint=list_notes, summary="List notes", needs=NOTES.to("list")
    ),
    Operation(
        method="POST", path="/v1/notes", endpoint=create_note, summary="Create", needs=NOTES.to("create")
    ),
    Operation(
        method="DELETE", path="/v1/notes", endpoint=delete_notes, summary="Delete", needs=NOTES.to("delete")
    ),
    page("/ui/notes", show_notes, "The notes", NOTES.to("list")),
]


if __name__ == "__main__":
    command_line.create_and_serve(
        SERVICE,
        command_line.read_settings_or_exit(Settings, SERVICE),
        lambda settings: create_app(SERVICE, settings, OPERATIONS),
    )
