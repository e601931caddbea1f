"""The static files of the pages, in memory, below a folder that has their hash as its name.

All files share one hash, so a module can import another one by a relative path. A browser may keep a file for a year,
because a changed file has another path. During an upgrade, a page of one release may request a file from a pod of
another release: it receives the current file, and must not keep it.
"""

import hashlib
from collections.abc import Mapping
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import NotFound

MEDIA_TYPES: Mapping[str, str] = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

FOR_GOOD = "public, max-age=31536000, immutable"


class Assets:
    """The static files of a package, and the endpoint that sends them."""

    def __init__(self, package: str = "chassis.pages") -> None:
        folder = files(package).joinpath("static")
        self._files = {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()}
        digest = hashlib.sha256()
        for name, content in sorted(self._files.items()):
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
        self.hash = digest.hexdigest()[:16]

    def path(self, name: str) -> str:
        """The path of a file, without the path prefix of the service.

        Raises:
            KeyError: there is no such file.
        """
        if name not in self._files:
            raise KeyError(name)
        return f"/ui/static/{self.hash}/{name}"

    async def get_asset(self, request: Request) -> Response:
        """`GET /ui/static/{hash}/{name}`."""
        name = request.path_params["name"]
        content = self._files.get(name)
        if content is None:
            raise NotFound("There is no such file.")
        current = request.path_params["hash"] == self.hash
        headers = {
            "Cache-Control": FOR_GOOD if current else "no-cache",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(content, headers=headers, media_type=MEDIA_TYPES[name.rpartition(".")[2]])
