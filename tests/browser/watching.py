"""Records what must not happen in a browser, whatever a test looks at."""

import re
from collections.abc import Collection
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Response, Route, WebError, WebSocket

REPORT_VIOLATIONS = """
addEventListener('securitypolicyviolation', event => reportViolation(
    `${event.effectiveDirective} forbids ${event.blockedURI} on ${event.documentURI}`))
"""

FAILED_RESPONSE = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")


class Watch:
    """Watches all pages of a context, and aborts requests to other origins.

    Args:
        context: the context, before its first page.
        origins: the origins to which requests may go.
        announced: status codes that the test expects although they are errors.
        blocked: matches the URLs that the test itself aborts.
    """

    def __init__(
        self,
        context: BrowserContext,
        origins: Collection[str],
        announced: Collection[int] = (),
        blocked: re.Pattern[str] | None = None,
    ) -> None:
        self.faults: list[str] = []
        self._announced = frozenset(announced)
        self._blocked = blocked
        own = re.compile(f"^(?:{'|'.join(map(re.escape, origins))})/")
        self._own = own
        context.route(re.compile(f"^(?!{own.pattern[1:]})"), self._abort)
        if blocked:
            context.route(blocked, lambda route: route.abort())
        context.on("console", self._console)
        context.on("dialog", self._dialog)
        context.on("response", self._response)
        context.on("weberror", self._error)
        context.on("page", lambda page: page.on("websocket", self._socket))
        # Without scripts, no listener runs; Chromium then reports a violation on the console only
        context.expose_binding("reportViolation", self._violation)
        context.add_init_script(REPORT_VIOLATIONS)

    def _abort(self, route: Route) -> None:
        self.faults.append(f"request to another origin: {route.request.method} {route.request.url}")
        route.abort()

    def _socket(self, socket: WebSocket) -> None:
        if not self._own.match(socket.url.replace("ws", "http", 1)):
            self.faults.append(f"connection to another origin: {socket.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        failed = FAILED_RESPONSE.match(message.text)
        if failed and int(failed[1]) in self._announced:
            return
        where = message.location["url"]
        if self._blocked and self._blocked.search(where):
            return
        self.faults.append(f"error on the console: {message.text} ({where})")

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.type} {dialog.message!r}")
        dialog.dismiss()

    def _response(self, response: Response) -> None:
        if response.status >= 500 and response.status not in self._announced:
            self.faults.append(
                f"response {response.status}: {response.request.method} {response.request.url}"
            )

    def _error(self, error: WebError) -> None:
        self.faults.append(f"JavaScript error: {error.error}")

    def _violation(self, _: Any, text: str) -> None:
        self.faults.append(f"Content-Security-Policy: {text}")
