"""The operations of sites and freezers under /v1."""

from starlette.requests import Request
from starlette.responses import Response

from chassis.database.connection import Connection
from chassis.web.conditional import (
    IF_MATCH,
    IF_NONE_MATCH,
    VersionTags,
    expected_versions,
    respond_conditionally,
)
from chassis.web.operations import Operation
from chassis.web.pagination import Page
from inventory import permissions
from inventory.common.fields import ById
from inventory.common.idempotency import IDEMPOTENCY_KEY, Created, create_once
from inventory.common.representation import respond
from inventory.places import store
from inventory.places.freezer import Freezer, FreezerFilters, FreezerPatch, NewFreezer
from inventory.places.site import NewSite, Site, SiteFilters, SitePatch
from inventory.places.store import FREEZERS, SITES

SITE_TAGS = VersionTags(SITES.json)
FREEZER_TAGS = VersionTags(FREEZERS.json)


async def list_sites(request: Request, query: SiteFilters) -> Response:
    """`GET /v1/sites`."""
    return respond_conditionally(request, await store.list_sites(request.state.database, query))


async def create_site(request: Request, body: NewSite) -> Response:
    """`POST /v1/sites`."""

    async def create(connection: Connection) -> Created:
        site = await store.create_site(connection, body)
        return Created(f"/v1/sites/{site.id}", SITE_TAGS.tag(site.version), site.body)

    return await create_once(request, body, create)


async def get_site(request: Request, path: ById) -> Response:
    """`GET /v1/sites/{id}`."""
    return respond(request, await store.get_site(request.state.database, path.id), SITE_TAGS)


async def patch_site(request: Request, path: ById, body: SitePatch) -> Response:
    """`PATCH /v1/sites/{id}`."""
    versions = expected_versions(request)
    changed = await store.patch_site(request.state.database, path.id, versions, body)
    return respond(request, changed, SITE_TAGS)


async def delete_site(request: Request, path: ById) -> Response:
    """`DELETE /v1/sites/{id}`."""
    await store.delete_site(request.state.database, path.id, expected_versions(request))
    return Response(status_code=204)


async def list_freezers(request: Request, query: FreezerFilters) -> Response:
    """`GET /v1/freezers`."""
    return respond_conditionally(request, await store.list_freezers(request.state.database, query))


async def create_freezer(request: Request, body: NewFreezer) -> Response:
    """`POST /v1/freezers`."""

    async def create(connection: Connection) -> Created:
        freezer = await store.create_freezer(connection, body)
        return Created(f"/v1/freezers/{freezer.id}", FREEZER_TAGS.tag(freezer.version), freezer.body)

    return await create_once(request, body, create)


async def get_freezer(request: Request, path: ById) -> Response:
    """`GET /v1/freezers/{id}`."""
    return respond(request, await store.get_freezer(request.state.database, path.id), FREEZER_TAGS)


async def patch_freezer(request: Request, path: ById, body: FreezerPatch) -> Response:
    """`PATCH /v1/freezers/{id}`."""
    versions = expected_versions(request)
    changed = await store.patch_freezer(request.state.database, path.id, versions, body)
    return respond(request, changed, FREEZER_TAGS)


async def delete_freezer(request: Request, path: ById) -> Response:
    """`DELETE /v1/freezers/{id}`."""
    await store.delete_freezer(request.state.database, path.id, expected_versions(request))
    return Response(status_code=204)


OPERATIONS = [
    Operation(
        method="GET",
        path="/v1/sites",
        endpoint=list_sites,
        summary="List sites",
        needs=permissions.SITES.to("list"),
        query_type=SiteFilters,
        returns=Page[Site],
        errors=(400, 422, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="POST",
        path="/v1/sites",
        endpoint=create_site,
        summary="Create a site",
        needs=permissions.SITES.to("create"),
        body_type=NewSite,
        returns=Site,
        status=201,
        errors=(400, 409, 413, 415, 422, 503),
        headers=IDEMPOTENCY_KEY,
    ),
    Operation(
        method="GET",
        path="/v1/sites/{id}",
        endpoint=get_site,
        summary="Read a site",
        needs=permissions.SITES.to("get"),
        path_type=ById,
        returns=Site,
        errors=(404, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="PATCH",
        path="/v1/sites/{id}",
        endpoint=patch_site,
        summary="Change a site",
        needs=permissions.SITES.to("update"),
        description="Only the fields of the body are changed (RFC 7396).",
        path_type=ById,
        body_type=SitePatch,
        returns=Site,
        errors=(400, 404, 409, 412, 413, 415, 422, 428, 503),
        headers=IF_MATCH,
    ),
    Operation(
        method="DELETE",
        path="/v1/sites/{id}",
        endpoint=delete_site,
        summary="Delete a site",
        needs=permissions.SITES.to("delete"),
        description="Nothing may refer to it.",
        path_type=ById,
        status=204,
        errors=(400, 404, 409, 412, 428, 503),
        headers=IF_MATCH,
    ),
    Operation(
        method="GET",
        path="/v1/freezers",
        endpoint=list_freezers,
        summary="List freezers",
        needs=permissions.FREEZERS.to("list"),
        query_type=FreezerFilters,
        returns=Page[Freezer],
        errors=(400, 422, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="POST",
        path="/v1/freezers",
        endpoint=create_freezer,
        summary="Create a freezer",
        needs=permissions.FREEZERS.to("create"),
        body_type=NewFreezer,
        returns=Freezer,
        status=201,
        errors=(400, 409, 413, 415, 422, 503),
        headers=IDEMPOTENCY_KEY,
    ),
    Operation(
        method="GET",
        path="/v1/freezers/{id}",
        endpoint=get_freezer,
        summary="Read a freezer",
        needs=permissions.FREEZERS.to("get"),
        path_type=ById,
        returns=Freezer,
        errors=(404, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="PATCH",
        path="/v1/freezers/{id}",
        endpoint=patch_freezer,
        summary="Change a freezer",
        needs=permissions.FREEZERS.to("update"),
        description="Only the fields of the body are changed (RFC 7396).",
        path_type=ById,
        body_type=FreezerPatch,
        returns=Freezer,
        errors=(400, 404, 409, 412, 413, 415, 422, 428, 503),
        headers=IF_MATCH,
    ),
    Operation(
        method="DELETE",
        path="/v1/freezers/{id}",
        endpoint=delete_freezer,
        summary="Delete a freezer",
        needs=permissions.FREEZERS.to("delete"),
        description="Nothing may refer to it.",
        path_type=ById,
        status=204,
        errors=(400, 404, 409, 412, 428, 503),
        headers=IF_MATCH,
    ),
]
