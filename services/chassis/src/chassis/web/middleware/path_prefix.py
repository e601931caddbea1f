"""A service answers under its ingress path and without it."""

from starlette.types import ASGIApp, Receive, Scope, Send


class PathPrefix:
    """ASGI middleware that takes `prefix`, where a request has it, for the root path of the application."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app = app
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self.prefix and scope["type"] == "http":
            path = scope["path"]
            if path == self.prefix:
                path += "/"
            if path.startswith(self.prefix + "/"):
                scope["path"], scope["root_path"] = path, self.prefix
        await self.app(scope, receive, send)
