"""The address of the requested page, to come back to it."""

from urllib.parse import quote

from starlette.requests import Request


def requested(request: Request) -> str:
    """Path and query as the browser sent them."""
    raw: bytes = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
    query: bytes = request.scope.get("query_string", b"")
    return (raw + b"?" + query if query else raw).decode("latin-1")
