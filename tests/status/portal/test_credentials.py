"""The portal asks the services in the name of the person who looks at it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.status.conftest import BROWSER, Lab, MakeClient
from tests.status.portal.service_server import Reply, as_json, fill_balances, fill_inventory, running
from tests.support.session_files import session_of, write_keys

from chassis.access.session_cookie import COOKIE
from status.portal import shared_answers


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return write_keys(tmp_path / "keys")


@pytest.fixture
def token_settings(keys: Path) -> dict[str, Any]:
    return {
        "access": "token",
        "access_session_keys_file": str(keys),
        "access_roles": {"viewer": ["user:ada@lab.example"]},
    }


@pytest.fixture
def private_lab(make_client: MakeClient, token_settings: dict[str, Any]) -> Any:
    """A lab in which people have to sign in."""
    with running() as inventory, running() as balances:
        fill_inventory(inventory)
        fill_balances(balances)
        yield Lab(
            make_client(inventory_url=inventory.url, balances_url=balances.url, **token_settings),
            inventory,
            balances,
        )


def headers_of(cookie: str) -> dict[str, str]:
    return {"Accept": BROWSER, "Cookie": f"theme=dark; {COOKIE}={cookie}; other=1"}


def test_a_session_is_passed_on_and_no_other_cookie(private_lab: Lab, keys: Path) -> None:
    cookie = session_of(keys)
    response = private_lab.client.get("/", headers=headers_of(cookie))
    assert response.status_code == 200
    assert "1,412 containers" in response.text
    received = [*private_lab.inventory.received, *private_lab.balances.received]
    assert {one.get("cookie") for one in received} == {f"{COOKIE}={cookie}"}


def test_a_browser_that_is_not_signed_in_is_led_to_the_sign_in_page(private_lab: Lab) -> None:
    response = private_lab.client.get("/?x=1", headers={"Accept": BROWSER}, follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/status/sign-in?next=%2F%3Fx%3D1")
    assert private_lab.inventory.received == []


def test_a_program_that_is_not_signed_in_gets_the_greeting(private_lab: Lab) -> None:
    assert private_lab.client.get("/").text == "Hello World!\n"


def test_people_do_not_get_the_answers_of_others(
    private_lab: Lab, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_answers, "SHARED_SECONDS", 60.0)
    cookies = [session_of(keys, f"{name}@lab.example") for name in ("ada", "eve")]
    for cookie in cookies * 2:
        private_lab.client.get("/ui/boxes/freezers", headers=headers_of(cookie))
    received = [one.get("cookie") for one in private_lab.inventory.received]
    assert received == [f"{COOKIE}={cookie}" for cookie in cookies]


def test_two_pages_of_one_person_share_an_answer(private_lab: Lab, keys: Path) -> None:
    hold = threading.Event()
    reply = private_lab.inventory.replies["/v1/overview"]
    private_lab.inventory.replies["/v1/overview"] = reply._replace(hold=hold)
    headers = headers_of(session_of(keys))
    with ThreadPoolExecutor() as pool:
        pages = [pool.submit(private_lab.client.get, "/ui/boxes/freezers", headers=headers) for _ in range(4)]
        threading.Timer(0.5, hold.set).start()
        assert {page.result().status_code for page in pages} == {200}
    assert private_lab.inventory.requested["/v1/overview"] == 1


def test_the_answers_of_few_credentials_are_kept(
    private_lab: Lab, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_answers, "SHARED_SECONDS", 60.0)
    monkeypatch.setattr(shared_answers, "MOST_CREDENTIALS", 2)
    for number in (1, 2, 3, 1):
        cookie = session_of(keys, f"person-{number}@lab.example")
        private_lab.client.get("/ui/boxes/freezers", headers=headers_of(cookie))
    assert private_lab.inventory.requested["/v1/overview"] == 4


def test_what_a_person_may_not_see_is_no_outage(
    private_lab: Lab, keys: Path, caplog: pytest.LogCaptureFixture
) -> None:
    private_lab.balances.say_all(as_json({"detail": "ada may not get feeds."}, 403))
    page = private_lab.client.get("/", headers=headers_of(session_of(keys))).text
    assert "You may not see this. ada may not get feeds." in page
    assert "Nothing that was saved is lost" not in page
    assert "No answer for the portal" not in caplog.text


def test_a_service_that_does_not_accept_the_session_is_named(private_lab: Lab, keys: Path) -> None:
    private_lab.balances.say_all(Reply(status=401))
    box = private_lab.client.get("/ui/boxes/balances", headers=headers_of(session_of(keys))).text
    assert "Balances does not accept your session or your token. Sign in again." in box


def test_the_cookies_that_a_service_sets_reach_nobody_else(lab: Lab) -> None:
    reply = lab.inventory.replies["/v1/overview"]
    stolen = ("Set-Cookie", "session=of-ada; Path=/; Max-Age=1000")
    lab.inventory.replies["/v1/overview"] = reply._replace(headers=(*reply.headers, stolen))
    for _ in range(2):
        lab.client.get("/ui/boxes/freezers", headers={"Authorization": "Bearer of-eve"})
    assert [one.get("cookie") for one in lab.inventory.received] == [None, None]


def test_a_person_without_a_role_in_status_sees_the_portal_but_not_the_services(
    private_lab: Lab, keys: Path
) -> None:
    headers = headers_of(session_of(keys, "eve@lab.example"))
    page = private_lab.client.get("/", headers=headers).text
    assert "You may not see this. An administrator of Benchtop can give you a role in status." in page
    assert "1,412 containers" in page
    assert private_lab.client.get("/ui/", headers=headers).status_code == 403


def test_the_portal_offers_what_the_person_may_use(private_lab: Lab, keys: Path) -> None:
    held = [{"resource": "containers", "verbs": ["get", "list"]}]
    private_lab.inventory.replies["/v1/me"] = as_json({"role": "viewer", "permissions": held})
    page = private_lab.client.get("/", headers=headers_of(session_of(keys))).text
    assert "Find a container</a>" in page
    assert "Record an event" not in page


def test_the_portal_offers_everything_while_a_service_does_not_say_what_the_person_may_do(
    private_lab: Lab, keys: Path
) -> None:
    private_lab.inventory.replies["/v1/me"] = Reply(status=503)
    page = private_lab.client.get("/", headers=headers_of(session_of(keys))).text
    for text in ("Find a container", "Record an event", "Look at the balances"):
        assert f"{text}</a>" in page
