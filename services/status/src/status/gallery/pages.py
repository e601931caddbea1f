"""The pages of the gallery. Each example is a template, so the code that is shown is the code that is rendered."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import Invalid
from chassis.pages.forms import Form, convert
from chassis.pages.lists import ListView
from chassis.pages.queries import page_query
from chassis.pages.rendering import page_path, render, render_fragment
from chassis.web.operations import Operation, page
from chassis.web.pagination import Paging


class Example(msgspec.Struct, frozen=True):
    """A part of a page."""

    title: str
    name: str
    """Name of its template in `templates/examples`, without `.html`."""


PARTS: Mapping[str, Sequence[Example]] = {
    "Small parts": (
        Example("Tags: a state as a word with a glyph", "tag"),
        Example("Notes", "note"),
        Example("Buttons", "buttons"),
        Example("A form with one button", "action"),
        Example("Confirmation, for what cannot be undone", "confirm"),
        Example("Breadcrumb", "breadcrumb"),
        Example("Choice between a few lists", "choice"),
        Example("Empty state", "empty"),
        Example("Facts about one thing", "facts"),
        Example("Boxes", "boxes"),
        Example("A part that stays up to date", "live"),
        Example("Times, dates, numbers and money", "values"),
        Example("Chart", "chart"),
    ),
    "Lists": (
        Example("Filters", "filters"),
        Example("Table with sorting, and the links below it", "table"),
    ),
    "Fields of a form": (
        Example("Text", "text"),
        Example("Text of several lines", "textarea"),
        Example("Choice", "select"),
        Example("Checkbox", "checkbox"),
        Example("Hidden field, against double clicks and lost updates", "hidden"),
    ),
}

ERRORS: Mapping[str, Sequence[Example]] = {
    "A form that was refused": (
        Example("Summary of the errors; it gets the focus", "summary"),
        *PARTS["Fields of a form"],
    ),
}


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """The object that the form of the gallery adds."""

    name: Annotated[str, Meta(min_length=1, max_length=20)]
    notes: Annotated[str, Meta(max_length=20)] = ""
    freezer_id: int
    urgent: bool = False


class Row(msgspec.Struct, frozen=True):
    """A row of the table."""

    name: str
    containers: int


class RowFilters(Paging, frozen=True, kw_only=True):
    """Query of the list."""

    q: str | UnsetType = UNSET
    kind: str | UnsetType = UNSET
    since: str | UnsetType = UNSET
    sort: str = "name"


ROWS = (
    Row("Freezer A", 312),
    Row("Freezer B", 96),
    Row("Freezer with a name that is long enough to need two lines", 7),
)


async def show_parts(request: Request) -> Response:
    """`GET /ui/parts`."""
    form = Form({"name": "pUC19-14", "freezer_id": "2", "urgent": "on", "key": "5f2c"})
    return _gallery(request, "Parts of pages", PARTS, form)


async def show_errors(request: Request) -> Response:
    """`GET /ui/parts/errors`."""
    values = {
        "name": "",
        "notes": "Longer than twenty characters",
        "freezer_id": "",
        "urgent": "",
        "key": "5f2c",
    }
    try:
        convert(values, Sample)
    except Invalid as error:
        return _gallery(request, "A form that was refused", ERRORS, Form(values, error.errors))
    raise AssertionError("the values are invalid")


async def show_now(request: Request) -> Response:
    """`GET /ui/parts/now`: the content of the example of a part that stays up to date."""
    return render_fragment(request, "gallery/now.html", now=dt.datetime.now(dt.UTC))


def _gallery(request: Request, title: str, groups: Mapping[str, Sequence[Example]], form: Form) -> Response:
    query = page_query(request, RowFilters)
    path = page_path(request, "/ui/parts")
    return render(
        request,
        "gallery/gallery.html",
        title=title,
        groups=groups,
        sources={example.name: _source(example.name) for group in groups.values() for example in group},
        form=form,
        now=dt.datetime.now(dt.UTC),
        view=ListView(path, query, ROWS, "a-cursor", 412),
    )


@cache
def _source(name: str) -> str:
    return files("status.gallery").joinpath(f"templates/examples/{name}.html").read_text(encoding="utf-8")


PAGES: list[Operation] = [
    page("/ui/parts", show_parts, "The gallery of the parts of pages", "nothing"),
    page("/ui/parts/errors", show_errors, "The fields of a form that was refused", "nothing"),
    page("/ui/parts/now", show_now, "The content of the example of a part that stays up to date", "nothing"),
]
