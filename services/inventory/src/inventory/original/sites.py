"""Sites at their original paths: `/sites`, `/sites/{offset}/{limit}`, `/site/{id}`."""

import msgspec
from msgspec import UNSET, Raw, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from chassis.database.queries import Queries
from chassis.errors import Malformed
from chassis.web.operations import Operation
from inventory import permissions
from inventory.common.fields import ById, OwnId
from inventory.original import store
from inventory.original.fields import RepeatedId, Slice, Written, changes
from inventory.original.responses import errors_as, json, streams
from inventory.places.site import Contact, Country, Postcode, SiteAddress, SiteName, SitePatch, StateOrRegion

SQL = Queries("inventory.original", "sql/site.sql")


class OriginalSite(msgspec.Struct, frozen=True):
    """A site at its original path."""

    id: OwnId
    name: SiteName
    contact: Contact
    address: SiteAddress
    state_or_region: StateOrRegion
    country: Country
    postcode_or_zip: Postcode


class OriginalSiteFields(msgspec.Struct, frozen=True, kw_only=True):
    """The body that creates or changes a site; its id may be repeated."""

    id: RepeatedId | UnsetType = UNSET
    site_id: RepeatedId | UnsetType = UNSET
    name: Written = msgspec.field(default_factory=Raw)
    contact: Written = msgspec.field(default_factory=Raw)
    address: Written = msgspec.field(default_factory=Raw)
    state_or_region: Written = msgspec.field(default_factory=Raw)
    country: Written = msgspec.field(default_factory=Raw)
    postcode_or_zip: Written = msgspec.field(default_factory=Raw)


async def all_sites(request: Request) -> Response:
    """`GET /sites`."""
    return await streams(request).array(request, SQL.list, 0)


async def all_sites_slash(request: Request) -> Response:
    """`GET /sites/`."""
    return await all_sites(request)


async def slice_sites(request: Request, path: Slice) -> Response:
    """`GET /sites/{offset}/{limit}`."""
    return await streams(request).array(request, SQL.list, 0, offset=path.offset, limit=path.limit)


async def read_site(request: Request, path: ById) -> Response:
    """`GET /site/{id}`."""
    return json(await store.get(request.state.database, SQL.get, "site", path.id))


async def write_site(request: Request, path: ById, body: OriginalSiteFields) -> Response:
    """`POST /site/{id}`."""
    fields = changes(body, path.id, ("id", "site_id"), SitePatch)
    return json(await store.put(request.state.database, SQL.put, path.id, fields))


async def remove_site(request: Request, path: ById) -> Response:
    """`DELETE /site/{id}`."""
    return json(await store.delete(request.state.database, SQL.delete, "site", path.id))


OPERATIONS = [
    Operation(
        method="GET",
        path="/sites",
        endpoint=all_sites,
        summary="List all sites",
        needs=permissions.SITES.to("list"),
        description="They are in the order of their ids.",
        returns=list[OriginalSite],
        errors=(503,),
        on_error=errors_as(400),
    ),
    Operation(
        method="GET",
        path="/sites/",
        endpoint=all_sites_slash,
        summary="List all sites, at the path with a slash",
        needs=permissions.SITES.to("list"),
        description="They are in the order of their ids.",
        returns=list[OriginalSite],
        errors=(503,),
        on_error=errors_as(400),
    ),
    Operation(
        method="GET",
        path="/sites/{offset}/{limit}",
        endpoint=slice_sites,
        summary="List some sites",
        needs=permissions.SITES.to("list"),
        description="They are in the order of their ids.",
        path_type=Slice,
        bad_path=Malformed,
        returns=list[OriginalSite],
        errors=(400, 503),
        on_error=errors_as(400),
    ),
    Operation(
        method="GET",
        path="/site/{id}",
        endpoint=read_site,
        summary="Read a site",
        needs=permissions.SITES.to("get"),
        path_type=ById,
        returns=OriginalSite,
        errors=(404, 503),
        on_error=errors_as(400),
    ),
    Operation(
        method="POST",
        path="/site/{id}",
        endpoint=write_site,
        summary="Create or change a site",
        needs=(permissions.SITES.to("create"), permissions.SITES.to("update")),
        description="If there is one with that id, the given fields are changed; otherwise it is created.",
        path_type=ById,
        bad_path=Malformed,
        body_type=OriginalSiteFields,
        returns=OriginalSite,
        errors=(400, 413, 503),
        on_error=errors_as(400),
    ),
    Operation(
        method="DELETE",
        path="/site/{id}",
        endpoint=remove_site,
        summary="Delete a site",
        needs=permissions.SITES.to("delete"),
        description="Nothing may refer to it.",
        path_type=ById,
        returns=OriginalSite,
        errors=(400, 404, 503),
        on_error=errors_as(400),
    ),
]
