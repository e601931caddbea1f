"""Which feed a page is about: `?feed=`, which all links of the page keep if several feeds are configured."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request

from balances.api.feed_parameter import FeedQuery, requested_feed
from balances.feed.settings import Feed
from chassis.pages.queries import page_query
from chassis.pages.rendering import page_path


class FeedChoice(msgspec.Struct, frozen=True):
    """The feed that a page is about, and the feeds that there are."""

    feed: Feed
    names: Sequence[str]
    """Names of all configured feeds, in the order of the settings."""
    root: str
    """Path prefix of the service."""

    @property
    def kept(self) -> Mapping[str, str]:
        """The parameters that all links keep; none if there is only one feed."""
        return {"feed": self.feed.name} if len(self.names) > 1 else {}

    @property
    def query(self) -> str:
        """`kept` as the query of an address."""
        return f"?{urlencode(self.kept)}" if self.kept else ""

    def href(self, path: str, values: Mapping[str, object] | None = None) -> str:
        """The link to a page of this feed, with further parameters."""
        parameters = {**self.kept, **(values or {})}
        return f"{self.root}{path}" + (f"?{urlencode(parameters)}" if parameters else "")


def choose_feed(request: Request) -> FeedChoice:
    """The feed that `?feed=` names, or the first one.

    Raises:
        Unavailable: no feed is configured.
        Invalid: there is no feed with that name.
    """
    return choice_of(request, requested_feed(request, page_query(request, FeedQuery).feed))


def choice_of(request: Request, feed: Feed) -> FeedChoice:
    """The choice of this feed."""
    return FeedChoice(feed, list(request.state.feeds), page_path(request, ""))
