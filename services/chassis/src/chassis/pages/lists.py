"""What a list page shows beside its rows: links that sort, filter, turn the page, and fetch the same list as CSV."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import UNSET, UnsetType

T = TypeVar("T")

NOT_FILTERS = ("limit", "cursor", "sort", "total", "count")


class SortLink(msgspec.Struct, frozen=True):
    """The link in the header of a column."""

    href: str
    direction: str
    """`ascending`, `descending` or `none`: how the list is sorted by this column now (`aria-sort`)."""


class ListView(Generic[T]):
    """One page of a list.

    Args:
        path: path of the page, with the path prefix of the service.
        query: its query, as the API's operation takes it.
        items: the rows.
        following: cursor of the next page; UNSET on the last page.
        total: number of rows on all pages, if it is known.
        kept: parameters that are no filters, and that all links keep.
    """

    def __init__(
        self,
        path: str,
        query: msgspec.Struct,
        items: Sequence[T],
        following: str | UnsetType = UNSET,
        total: int | UnsetType = UNSET,
        *,
        kept: Mapping[str, str] | None = None,
    ) -> None:
        self.path = path
        self.kept = {**(kept or {})}
        self.rows = items  # not `items`: in a template, that name would find a method of a mapping
        self.total = None if total is UNSET else total
        self._values: dict[str, Any] = {}
        for field in msgspec.structs.fields(type(query)):
            value = getattr(query, field.name)
            default = UNSET if field.default is msgspec.NODEFAULT else field.default
            if value is not UNSET and value is not None and (value != default or field.name == "sort"):
                self._values[field.encode_name] = value
        self.sort = str(self._values.get("sort", ""))
        self._following = following

    @property
    def filters(self) -> dict[str, Any]:
        """The filters that are set, by name."""
        return {
            name: value
            for name, value in self._values.items()
            if name not in NOT_FILTERS and name not in self.kept
        }

    def value(self, name: str) -> str:
        """The text of a filter; empty if it is not set."""
        value = self.filters.get(name, "")
        return str(value).lower() if isinstance(value, bool) else str(value)

    def sorted_by(self, column: str) -> SortLink:
        """The link that sorts by a column, or the other way round if the list is sorted by it."""
        direction = {column: "ascending", f"-{column}": "descending"}.get(self.sort, "none")
        wanted = f"-{column}" if direction == "ascending" else column
        return SortLink(self._href({**self.filters, "sort": wanted}), direction)

    @property
    def next(self) -> str | None:
        """Link to the next page."""
        if self._following is UNSET:
            return None
        return self._href({**self._chosen, "cursor": self._following})

    @property
    def first(self) -> str | None:
        """Link to the first page, on the other pages."""
        return self._href(self._chosen) if "cursor" in self._values else None

    @property
    def csv(self) -> str:
        """Link to the whole list, with these filters, as CSV."""
        return self._href(self._chosen, f"{self.path}.csv")

    @property
    def unfiltered(self) -> str:
        """Link to the list without filters."""
        return self._href({})

    @property
    def _chosen(self) -> dict[str, Any]:
        return self.filters | ({"sort": self._values["sort"]} if "sort" in self._values else {})

    def _href(self, values: dict[str, Any], path: str = "") -> str:
        shown = {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in {**self.kept, **values}.items()
        }
        return (path or self.path) + (f"?{urlencode(shown)}" if shown else "")
