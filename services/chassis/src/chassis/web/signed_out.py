"""The operation `GET /v1/signed-out`: which sessions have signed out, for the other services."""

from starlette.requests import Request
from starlette.responses import Response

from chassis.access.signed_out import SignedOut, SignedOutList
from chassis.web.operations import Operation


def signed_out_operation(signed_out: SignedOut) -> Operation:
    """The operation; it needs nothing, because the list has only digests."""

    async def list_signed_out(_: Request) -> Response:
        return Response(
            signed_out.as_json(), media_type="application/json", headers={"Cache-Control": "no-store"}
        )

    return Operation(
        method="GET",
        path="/v1/signed-out",
        endpoint=list_signed_out,
        summary="List the digests of sessions that signed out, for the other services",
        needs="nothing",
        returns=SignedOutList,
        documented=False,
    )
