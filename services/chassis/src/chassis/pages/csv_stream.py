"""A whole list as CSV (RFC 4180), sent page by page, so that its size in memory does not grow with the list."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from starlette.responses import Response, StreamingResponse

Rows = Sequence[Sequence[object]]
NextPage = Callable[[str | None], Awaitable[tuple[Rows, str | None]]]
"""Returns the rows of a page and the cursor of the next page; gets None for the first page."""

MARK = "\ufeff"
"""The byte order mark, by which Excel knows that the file is UTF-8."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters of a text that a spreadsheet would run as a formula (OWASP, CSV injection)."""


async def respond_csv(name: str, columns: Sequence[str], next_page: NextPage) -> Response:
    """A file with the rows of all pages. The first page is read before the response starts, so its errors are shown.

    Args:
        name: name of the file, without `.csv`.
        columns: names of the columns.
        next_page: reads a page.
    """
    rows, cursor = await next_page(None)

    async def text() -> AsyncIterator[str]:
        page, following = rows, cursor
        yield MARK + _lines([columns, *page])
        while following is not None:
            page, following = await next_page(following)
            yield _lines(page)

    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return StreamingResponse(text(), headers=headers, media_type="text/csv; charset=utf-8")


def _lines(rows: Sequence[Sequence[object]]) -> str:
    file = io.StringIO()
    csv.writer(file).writerows([[_safe(value) for value in row] for row in rows])
    return file.getvalue()


def _safe(value: object) -> object:
    """The value of a cell. A quotation mark before a text keeps a spreadsheet from running it as a formula."""
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(FORMULA) and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal()
