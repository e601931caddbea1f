"""The page about the person who is signed in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.status.conftest import BROWSER, Lab, MakeClient
from tests.status.portal.service_server import as_json, running
from tests.support.html_page import HtmlPage
from tests.support.session_files import session_of, write_keys

from chassis.access.session_cookie import COOKIE

MEMBER = {
    "actor": "ada@lab.example",
    "role": "member",
    "permissions": [
        {"resource": "containers", "verbs": ["create", "get", "list"]},
        {"resource": "events", "verbs": ["get"]},
    ],
}


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return write_keys(tmp_path / "keys")


@pytest.fixture
def lab(make_client: MakeClient, keys: Path) -> Iterator[Lab]:
    """A lab in which Ada is a member in inventory, and a viewer in balances."""
    with running() as inventory, running() as balances:
        inventory.replies["/v1/me"] = as_json(MEMBER)
        balances.replies["/v1/me"] = as_json({**MEMBER, "role": "viewer", "permissions": []})
        client = make_client(
            inventory_url=inventory.url,
            balances_url=balances.url,
            access="token",
            access_session_keys_file=str(keys),
            access_roles={"admin": ["user:ada@lab.example"]},
        )
        yield Lab(client, inventory, balances)


def text_of(lab: Lab, cookie: str) -> str:
    """The text of the page."""
    response = lab.client.get("/me", headers={"Accept": BROWSER, "Cookie": f"{COOKIE}={cookie}"})
    assert response.status_code == 200
    return " ".join(HtmlPage(response.text).text.split())


def test_it_says_who_i_am_and_with_which_role_in_each_service(lab: Lab, keys: Path) -> None:
    text = text_of(lab, session_of(keys, "ada@lab.example", "Ada Lovelace", "it", "system:authenticated"))
    assert "You are signed in as Ada Lovelace." in text
    for fact in ("logs ada@lab.example", "by https://id.lab.example", "Groups it Session", "events get"):
        assert fact.replace(" ", "") in text.replace(" ", "")
    assert "Inventory Role: member Show 2 resources" in text
    assert "Balances Role: viewer" in text
    assert "Status Role: admin" in text


def test_it_says_that_i_am_in_no_group(lab: Lab, keys: Path) -> None:
    assert "GroupsNoneSession" in text_of(lab, session_of(keys)).replace(" ", "")


def test_it_asks_the_services_in_my_name(lab: Lab, keys: Path) -> None:
    cookie = session_of(keys)
    text_of(lab, cookie)
    received = [*lab.inventory.received, *lab.balances.received]
    assert [one["cookie"] for one in received] == [f"{COOKIE}={cookie}"] * 2


def test_it_says_when_the_session_ends(lab: Lab, keys: Path) -> None:
    assert "or later while you use Benchtop, at most" in text_of(lab, session_of(keys))


ANSWERS: dict[str, tuple[Any, str]] = {
    "no role": (
        as_json({**MEMBER, "role": None, "permissions": []}),
        "You have no role here. An administrator of Benchtop can give you one.",
    ),
    "rights of the cluster": (
        as_json({**MEMBER, "role": None}),
        "As the RoleBindings of the cluster say Show 2 resources",
    ),
    "an account that is not active": (
        as_json({"detail": "Your account is not active."}, 403),
        "You may not see this. Your account is not active.",
    ),
    "a session that is not accepted": (
        as_json({}, 401),
        "Inventory does not accept your session or your token. Sign in again.",
    ),
    "an outage": (as_json({"detail": "full"}, 503), "Inventory answered with an error (status 503): full"),
    "another release": (as_json({"actor": "ada"}), "Inventory gave an answer that this page cannot read."),
}


@pytest.mark.parametrize(("answer", "said"), ANSWERS.values(), ids=ANSWERS)
def test_a_service_that_says_something_else_is_explained(
    lab: Lab, keys: Path, answer: Any, said: str
) -> None:
    lab.inventory.replies["/v1/me"] = answer
    text = text_of(lab, session_of(keys))
    assert f"Inventory {said}" in text
    assert "Balances Role: viewer" in text


def test_whoever_is_not_signed_in_is_led_there(lab: Lab) -> None:
    response = lab.client.get("/me", headers={"Accept": BROWSER}, follow_redirects=False)
    assert response.headers["location"] == "/status/sign-in?next=%2Fme"
