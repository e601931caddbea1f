"""What a lab manager comes to do, from the portal, with JavaScript and without, on a phone and at a desk."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser
from tests.browser import benchtop as local
from tests.browser.benchtop import Benchtop
from tests.browser.browsing import looking, open_page
from tests.browser.steps import Step, choose, click, fill, go_to, search, see, see_heading
from tests.browser.views import PHONE_AND_DESK, View
from tests.support.databases import creating_databases

numbers = itertools.count(1)


class Journey(NamedTuple):
    """What somebody wants to do, and how. The steps are given a number that no other run has."""

    name: str
    steps: Callable[[int], Sequence[Step]]


JOURNEYS = [
    Journey(
        "find a container in the list",
        lambda number: [
            go_to("Inventory", "Containers"),
            see_heading("Containers"),
            fill("Search", f"plasmid {number} of ada"),
            click("button", "Search"),
            click("link", f"Plasmid {number} of Ada"),
            see_heading(f"Plasmid {number} of Ada"),
            see("Deep freezer"),
        ],
    ),
    Journey(
        "find a container with the search of every page",
        lambda number: [
            search(f"PLASMID {number} of"),
            see_heading("Containers"),
            click("link", f"Plasmid {number} of Ada"),
            see_heading(f"Plasmid {number} of Ada"),
        ],
    ),
    Journey(
        "add a freezer and a container",
        lambda number: [
            go_to("Inventory", "Freezers"),
            click("link", "Add a freezer"),
            fill("Name", f"Minus eighty {number}"),
            choose("Site", "Cellar"),
            click("button", "Add the freezer"),
            see(f"The freezer Minus eighty {number} was added."),
            see_heading(f"Minus eighty {number}"),
            go_to("Inventory", "Containers"),
            click("link", "Add a container"),
            fill("Description", f"Antibody {number}"),
            choose("Freezer", f"Minus eighty {number}"),
            click("button", "Add the container"),
            see_heading(f"Antibody {number}"),
            see(f"Minus eighty {number}"),
        ],
    ),
    Journey(
        "correct a form that was refused",
        lambda number: [
            go_to("Inventory", "Freezers"),
            click("link", "Add a freezer"),
            fill("Name", f"Corrected {number}"),
            click("button", "Add the freezer"),
            see("There is a problem"),
            choose("Site", "Cellar"),
            click("button", "Add the freezer"),
            see_heading(f"Corrected {number}"),
        ],
    ),
    Journey(
        "delete a freezer that is empty",
        lambda number: [
            go_to("Inventory", "Freezers"),
            click("link", "Add a freezer"),
            fill("Name", f"Wrong {number}"),
            choose("Site", "Cellar"),
            click("button", "Add the freezer"),
            click("link", "Delete…"),
            see_heading(f"Delete Wrong {number}?"),
            click("button", "Delete the freezer"),
            see(f"The freezer Wrong {number} was deleted."),
        ],
    ),
    Journey(
        "record an event and see it delivered",
        lambda number: [
            go_to("Inventory", "Events"),
            click("link", "Record an event"),
            choose("For whom", 1),
            fill("What happened", f"The freezer is warm {number}"),
            click("button", "Record the event"),
            see(f"The freezer is warm {number}"),
            see("Delivered"),
        ],
    ),
    Journey(
        "read the total and why it can be trusted",
        lambda _: [
            go_to("Balances"),
            see_heading("Balances"),
            see("18,377.16 CAD"),
            lambda page: page.get_by_text("Why this total can be trusted").click(),
            see("Every transaction was checked."),
        ],
    ),
]


@pytest.fixture(scope="module")
def benchtop(
    postgres: str, service_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Benchtop]:
    """Benchtop with demo data, and with a place that has a freezer."""
    with (
        creating_databases(postgres, service_server) as create,
        local.running(tmp_path_factory.mktemp("journeys"), DATABASE_URL=create()) as running,
    ):
        site = running.post("/inventory/v1/sites", {"name": "Cellar"})
        running.post("/inventory/v1/freezers", {"name": "Deep freezer", "site_id": site["id"]})
        yield running


@pytest.mark.parametrize("view", PHONE_AND_DESK, ids=str)
@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.name)
def test_a_person_can(browser: Browser, benchtop: Benchtop, journey: Journey, view: View) -> None:
    number = next(numbers)
    freezer = benchtop.get("/inventory/v1/freezers", limit="1000")["items"]
    deep = next(one["id"] for one in freezer if one["name"] == "Deep freezer")
    benchtop.post("/inventory/v1/containers", {"description": f"Plasmid {number} of Ada", "freezer_id": deep})
    with looking(browser, benchtop.url, view, announced={422}) as page:
        open_page(page, benchtop.url)
        for step in journey.steps(number):
            step(page)
