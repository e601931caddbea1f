"""Pages lead a person to everything that the person may do, and to nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.support.callers import may, signed_in
from tests.support.crawling import Found, crawl
from tests.support.html_page import HtmlPage

from chassis.access.permissions import ROLES, Role
from inventory.app import NAVIGATION, PAGES

Sql = Callable[..., list[tuple[Any, ...]]]

ROOT = "/inventory"
STARTS = [ROOT + section.path for section in NAVIGATION.sections]


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest) -> Role:
    return request.param  # type: ignore[no-any-return]  # one of the roles


EVENTS = """
with new as (
    insert into event (user_id, description)
    select 'ada', 'Event ' || n from generate_series(1, 4) as n
    returning id, number
)
insert into notification (event_id, event_number, channel, state, attempts, finished_at)
select id, number, 'log', (array['pending', 'pending', 'dead', 'delivered'])[rank],
    rank - 1, case when rank > 2 then now() end
from (select id, number, row_number() over (order by number)::integer as rank from new) as new
"""
"""An event with a notification that waits, one with a notification that failed once, a dead one, a delivered one."""


def found_by(client: TestClient, role: Role) -> Found:
    return crawl(client, STARTS, ROOT, signed_in("ada", role))


@pytest.fixture
def with_everything(stocked: str, guarded: TestClient, sql: Sql) -> TestClient:
    assert stocked
    sql(EVENTS)
    sql("update account set active = false where username = 'grace'")
    sql(
        "insert into account_identity (issuer, subject, account_id) values ('https://id.example', 'grace', 2)"
    )
    sql("insert into freezer (name, site_id) values ('Empty', 3)")
    return guarded


def test_the_pages_lead_to_everything_that_the_role_may_do(with_everything: TestClient, role: Role) -> None:
    found = found_by(with_everything, role).operations(PAGES, ROOT)
    allowed = {f"{page.method} {page.path}" for page in PAGES if may(role, page)}
    assert found == allowed


@pytest.mark.parametrize("filled", [True, False])
def test_no_link_and_no_form_of_a_page_is_forbidden(
    with_everything: TestClient, sql: Sql, emptying: bytes, role: Role, filled: bool
) -> None:
    client = with_everything
    if not filled:
        sql(emptying.decode())
    found = found_by(client, role)
    assert set(found.statuses.values()) == {200, 303}
    statuses = {}
    for address, fields in found.forms.items():
        for sent in ({}, fields):
            answer = client.post(
                address, data=sent, headers=signed_in("ada", role) | FORM, follow_redirects=False
            )
            statuses[address, len(sent)] = answer.status_code
    assert {place: status for place, status in statuses.items() if status in (401, 403)} == {}


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("sites", "Somebody with the role keeper can add a site."),
        ("freezers", "Somebody with the role keeper can add both."),
        ("containers", "Somebody with the role keeper can add a freezer."),
        ("events", "Somebody with the role member can record an event."),
        ("people", "Somebody with the role admin can add people."),
    ],
)
def test_an_empty_list_says_who_can_add_the_first_row(guarded: TestClient, path: str, said: str) -> None:
    shown = HtmlPage(guarded.get(f"{ROOT}/ui/{path}", headers=signed_in("ada", "viewer")).text)
    assert said in shown.text
