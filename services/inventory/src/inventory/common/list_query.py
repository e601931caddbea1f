"""The query parameters of the lists under /v1. Each list extends them by its search, its orders and its filters."""

from typing import Annotated

from msgspec import Meta, UnsetType

from chassis.validation.patterns import TEXT
from chassis.web.pagination import Paging
from inventory.common.fields import Id

Search = Annotated[str, Meta(max_length=200, pattern=TEXT)]
"""Text to search for. The description of the parameter names the fields that are searched."""

AtSite = Annotated[Id | UnsetType, Meta(description="Only those at the site with this id")]


class ListQuery(Paging, frozen=True, kw_only=True):
    """Query of every list under /v1."""

    total: Annotated[
        bool, Meta(description="`true` to get the number of items on all pages, as `total`. Default: `false`")
    ] = False


def search_of(fields: str) -> Meta:
    """The description of a search in these fields."""
    return Meta(
        description=f"Only those with each of these words in the {fields}, ignoring case."
        " If it is blank, all items are listed"
    )


ORDER = Meta(description="Order of the list; with `-`, from the end. Ignores case. Default: `id`")
