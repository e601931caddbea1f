"""The original admin page: the users as HTML."""

from collections.abc import Iterator
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from chassis.database.queries import Queries
from chassis.web.html_page import html_page
from chassis.web.operations import Operation
from chassis.web.pagination import Paging, Walk
from inventory.common.keyset_pages import IdPosition

SQL = Queries("inventory.original", "sql/account.sql")

PAGE = Template(files("inventory.original").joinpath("admin_users.html").read_text(encoding="utf-8"))
EMPTY = '<tr><td colspan="5">Nobody has an account yet.'
NOT_KEPT = {"Cache-Control": "no-store"}
"""Names and addresses of people must not stay in a cache."""


async def show_users(request: Request, query: Paging) -> Response:
    """`GET /admin/users`."""
    walk = Walk("admin/users", query, IdPosition, 0)
    rows = await request.state.database.rows(SQL.admin_page, walk.parameters)
    shown = rows[: query.limit]
    following = (
        f'<a rel="next" href="?limit={query.limit}&amp;cursor={walk.cursor(shown[-1][0])}">Next page</a>'
        if len(rows) > query.limit
        else ""
    )
    beginning = f'<a href="?limit={query.limit}">First page</a>' if query.cursor else ""
    body = PAGE.substitute(rows="\n".join(_rows(shown)) or EMPTY, first=beginning, next=following)
    return html_page(body, NOT_KEPT)


def _rows(users: list[tuple[Any, ...]]) -> Iterator[str]:
    for ident, username, email, active, created_at in users:
        yield (
            f"<tr><td>{ident}<td>{escape(username)}<td>{escape(email)}<td>{'yes' if active else 'no'}"
            f'<td><time datetime="{created_at.isoformat()}">{created_at:%Y-%m-%d}</time>'
        )


OPERATIONS = [
    Operation(
        method="GET",
        path="/admin/users",
        endpoint=show_users,
        summary="The users as a page for people",
        query_type=Paging,
        media_type="text/html",
        errors=(400, 422, 503),
    ),
]
