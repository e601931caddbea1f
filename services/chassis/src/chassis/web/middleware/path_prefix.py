"""Removes the path prefix of the service on the Ingress, so that requests work with it and without it."""

from starlette.types import ASGIApp, Receive, Scope, Send


class PathPrefix:
    """ASGI middleware that makes `prefix`, if the path starts with it, the root path of the application."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app = app
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if self.prefix and scope["type"] == "http":
            path = scope["path"]
            if path == self.prefix:
                path += "/"
            if path.startswith(self.prefix + "/"):
                scope["path"], scope["root_path"] = path, self.prefix
        await self.app(scope, receive, send)
