"""A page that shows a snapshot; if there is none, the page says what to do first."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from balances import permissions
from balances.pages.feed_choice import FeedChoice, choose_feed
from balances.pages.refresh_results import RESULTS
from balances.store.snapshots import SnapshotMissing, feed_states
from chassis.access.permissions import Need
from chassis.errors import Conflict
from chassis.pages.messages import redirect
from chassis.pages.rendering import render
from chassis.web.operations import Endpoint, Operation, page

Show = Callable[[Request, FeedChoice], Awaitable[Response]]

SHOWS = (permissions.FEEDS.to("refresh"),)
"""What pages with the button that reads a feed ask for."""


def snapshot_page(path: str, title: str, show: Show, needs: Need) -> Operation:
    """The operation of a page that shows the snapshot of a feed, or the button that reads the feed if there is none.

    Args:
        path: its path.
        title: its title if there is no snapshot.
        show: makes the page; it may raise `SnapshotMissing`.
        needs: what the caller needs.
    """
    return page(path, _endpoint(title, show), f"{title} of a feed", needs, shows=SHOWS)


def _endpoint(title: str, show: Show) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        if not request.state.feeds:
            return render(request, "balances/no_feed.html", title=title)
        choice = choose_feed(request)
        try:
            return await show(request, choice)
        except Conflict:
            # A refresh has replaced the snapshot since the page before, so its cursor is no longer valid
            return redirect(
                request, _without_cursor(request), "The feed was read again. This is the first page."
            )
        except SnapshotMissing:
            (state,) = await feed_states(request.state.database, [choice.feed.name])
            return render_for_feed(
                request, choice, "balances/no_snapshot.html", title=title, state=state, results=RESULTS
            )

    return endpoint


def _without_cursor(request: Request) -> str:
    query = urlencode(
        [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    )
    path: str = request.scope["route"].path
    return f"{path}?{query}" if query else path


def render_for_feed(request: Request, choice: FeedChoice, template: str, **context: object) -> Response:
    """The page of a template that shows one feed."""
    return render(request, template, 200, None, choice=choice, kept_query=choice.query, **context)
