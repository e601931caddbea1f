"""The pages. One line here makes every test of this folder look at the page."""

import re
from typing import NamedTuple
from urllib.parse import quote

from tests.browser.benchtop import Benchtop


class Page(NamedTuple):
    """A page, as the tests know it."""

    name: str
    """Name in the names of the tests and of the screenshots."""
    path: str
    """Its path. Names in braces are fields of the first item of `collection`."""
    collection: str = ""
    """Path of a list of the API, if the path has names in braces."""
    status: int = 200
    with_chart: bool = False
    """A page with a chart may be larger than the others."""
    public: bool = False
    """A page without data of the lab; a browser may keep it."""
    linked: bool = True
    """Whether a link leads to it while nobody has to sign in."""
    without_database: int = 503
    """Status code of the page while PostgreSQL is stopped."""

    def path_in(self, benchtop: Benchtop) -> str:
        """The path of this page in a running Benchtop."""
        if not self.collection:
            return self.path
        first = benchtop.get(self.collection)["items"][0]
        return self.path.format_map({name: quote(str(value), safe="") for name, value in first.items()})

    @property
    def pattern(self) -> re.Pattern[str]:
        """Matches the paths of this page, whatever it shows."""
        return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(self.path)))


PAGES = [
    Page("portal", "/", without_database=200),
    Page("services", "/status/ui/", without_database=200),
    Page("parts", "/status/ui/parts", without_database=200),
    Page("parts-errors", "/status/ui/parts/errors", without_database=200),
    Page("account", "/status/me", without_database=200),
    Page("sign-in", "/status/sign-in", linked=False, without_database=200),
    Page("sign-out", "/status/sign-out", linked=False, without_database=200),
    Page("status-docs", "/status/docs", public=True, without_database=200),
    Page("status-not-found", "/status/ui/nothing", status=404, without_database=404),
    Page("sites", "/inventory/ui/sites"),
    Page("site-new", "/inventory/ui/sites/new", without_database=200),
    Page("site", "/inventory/ui/sites/{id}", "/inventory/v1/sites"),
    Page("site-edit", "/inventory/ui/sites/{id}/edit", "/inventory/v1/sites"),
    Page("site-delete", "/inventory/ui/sites/{id}/delete", "/inventory/v1/sites"),
    Page("freezers", "/inventory/ui/freezers"),
    Page("freezer-new", "/inventory/ui/freezers/new"),
    Page("freezer", "/inventory/ui/freezers/{id}", "/inventory/v1/freezers"),
    Page("freezer-edit", "/inventory/ui/freezers/{id}/edit", "/inventory/v1/freezers"),
    Page("freezer-delete", "/inventory/ui/freezers/{id}/delete", "/inventory/v1/freezers"),
    Page("computers", "/inventory/ui/computers"),
    Page("computer-new", "/inventory/ui/computers/new"),
    Page("computer", "/inventory/ui/computers/{id}", "/inventory/v1/computers"),
    Page("computer-edit", "/inventory/ui/computers/{id}/edit", "/inventory/v1/computers"),
    Page("computer-delete", "/inventory/ui/computers/{id}/delete", "/inventory/v1/computers"),
    Page("instruments", "/inventory/ui/instruments"),
    Page("containers", "/inventory/ui/containers"),
    Page("container-new", "/inventory/ui/containers/new"),
    Page("container", "/inventory/ui/containers/{id}", "/inventory/v1/containers"),
    Page("container-edit", "/inventory/ui/containers/{id}/edit", "/inventory/v1/containers"),
    Page("container-delete", "/inventory/ui/containers/{id}/delete", "/inventory/v1/containers"),
    Page("events", "/inventory/ui/events"),
    Page("event-new", "/inventory/ui/events/new"),
    Page("event", "/inventory/ui/events/{id}", "/inventory/v1/events"),
    Page("notifications", "/inventory/ui/notifications"),
    Page("notification", "/inventory/ui/notifications/{id}", "/inventory/v1/notifications"),
    Page("people", "/inventory/ui/people"),
    Page("person-new", "/inventory/ui/people/new", without_database=200),
    Page("person", "/inventory/ui/people/{id}", "/inventory/v1/users"),
    Page("person-edit", "/inventory/ui/people/{id}/edit", "/inventory/v1/users"),
    Page("person-delete", "/inventory/ui/people/{id}/delete", "/inventory/v1/users"),
    Page("inventory-docs", "/inventory/docs", public=True, without_database=200),
    Page("inventory-not-found", "/inventory/ui/nothing", status=404, without_database=404),
    Page("overview", "/balances/ui/", with_chart=True),
    Page("transactions", "/balances/ui/transactions"),
    Page("days", "/balances/ui/days", with_chart=True),
    Page("categories", "/balances/ui/categories"),
    Page("vendors", "/balances/ui/vendors"),
    Page("duplicates", "/balances/ui/duplicates"),
    Page("feeds", "/balances/ui/feeds"),
    Page("feed", "/balances/ui/feeds/{feed}", "/balances/v1/feeds"),
    Page("balances-docs", "/balances/docs", public=True, without_database=200),
    Page("balances-not-found", "/balances/ui/nothing", status=404, without_database=404),
]

ALIASES = {"/status/": "/"}
"""Paths at which a page of the list is, too."""
