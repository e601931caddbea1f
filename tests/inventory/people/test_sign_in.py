"""People who sign in are matched to accounts, and those whose account is not active may do nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.inventory.common.test_simultaneous_writers import at_once
from tests.support.callers import issuer, other_issuer, program, serving, signed_in
from tests.support.html_page import HtmlPage

from chassis.web.operations import Operation
from inventory.app import create
from inventory.settings import InventorySettings

Sql = Callable[..., list[tuple[Any, ...]]]
Headers = dict[str, str]

ADA = partial(signed_in, "248289761001", email="ada@example.org")
"""A person with the verified e-mail address of account 1 of the example data, whose username is ada."""

ADMIN = partial(program, "admin")

LINKS = "select issuer, subject, account_id from account_identity order by account_id"


@pytest.fixture
def client(stocked: str, guarded: TestClient) -> TestClient:
    """The service with roles and the example data."""
    assert stocked
    return guarded


@pytest.fixture
def adding(stocked: str, start_guarded: Callable[..., TestClient]) -> TestClient:
    """The same, and it adds accounts."""
    assert stocked
    return start_guarded(access_add_people=True)


def people(client: TestClient, headers: Headers) -> str:
    """What the page of the people says to somebody."""
    response = client.get("/inventory/ui/people", headers=headers)
    assert response.status_code == 200, response.text
    return HtmlPage(response.text).text


def reads(client: TestClient, headers: Headers) -> int:
    """The status of a request that reads."""
    return client.get("/v1/sites", headers=headers).status_code


def writes(client: TestClient, headers: Headers) -> int:
    """The status of a request that creates something."""
    return client.post("/v1/sites", json={"name": "Annex"}, headers=headers).status_code


def set_active(client: TestClient, *, active: bool) -> None:
    headers = {"If-Match": "*", **ADMIN()}
    assert client.patch("/v1/users/1", json={"active": active}, headers=headers).status_code == 200


@pytest.mark.parametrize("email", ["ada@example.org", "ADA@Example.Org"])
def test_the_first_request_links_the_account_with_the_verified_email_address(
    client: TestClient, sql: Sql, email: str
) -> None:
    sql("update account set email = %s where id = 1", email)
    for _ in range(2):
        assert "Your account: ada" in people(client, ADA("viewer"))
    assert sql(LINKS) == [(issuer().url, "248289761001", 1)]


def test_a_person_who_is_linked_stays_linked_when_addresses_change(client: TestClient, sql: Sql) -> None:
    people(client, ADA("viewer"))
    sql("update account set email = 'countess@example.org' where id = 1")
    for email in ("", "grace@example.org"):
        set_active(client, active=True)  # so that the account is read again
        assert "Your account: ada" in people(client, signed_in("248289761001", "viewer", email=email))
    assert sql(LINKS) == [(issuer().url, "248289761001", 1)]


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("", "Your sign-in has no verified e-mail address"),
        ("nobody@example.org", "No account has your e-mail address, nobody@example.org."),
    ],
)
def test_a_person_without_an_account_may_do_what_the_roles_allow(
    client: TestClient, sql: Sql, email: str, said: str
) -> None:
    headers = signed_in("x", "keeper", email=email)
    assert (reads(client, headers), writes(client, headers)) == (200, 201)
    assert said in people(client, headers)
    assert sql(LINKS) == []


@pytest.mark.parametrize(
    "other",
    [
        partial(signed_in, "248289761001", "admin", by=other_issuer, email="ada@example.org"),
        partial(signed_in, "another", "admin", email="ada@example.org"),
    ],
    ids=["another issuer", "another subject"],
)
def test_an_address_that_is_linked_already_links_nobody_else(
    client: TestClient, sql: Sql, other: Callable[[], Headers]
) -> None:
    people(client, ADA("viewer"))
    said = people(client, other())
    assert "Another sign-in is linked to the account with your e-mail address." in said
    assert "Your account" not in said
    assert sql(LINKS) == [(issuer().url, "248289761001", 1)]


SECOND_SIGN_INS: dict[str, Callable[[], Headers]] = {
    "another issuer": partial(signed_in, "248289761001", "admin", by=other_issuer, email="ada@example.org"),
    "another subject": partial(signed_in, "another", "admin", email="ADA@example.org"),
    "a long subject": partial(signed_in, "7" * 256, "admin", username="x", email="ada@example.org"),
}


@pytest.mark.parametrize("second", SECOND_SIGN_INS.values(), ids=SECOND_SIGN_INS)
def test_a_second_sign_in_with_the_address_of_a_deactivated_account_may_do_nothing(
    client: TestClient, second: Callable[[], Headers]
) -> None:
    people(client, ADA("viewer"))
    assert (reads(client, second()), writes(client, second())) == (200, 201)
    set_active(client, active=False)
    assert (reads(client, second()), writes(client, second())) == (403, 403)
    why = "because the account ada, which has the same e-mail address, is not active."
    assert why in client.get("/v1/sites", headers=second()).json()["detail"]
    set_active(client, active=True)
    assert (reads(client, second()), writes(client, second())) == (200, 201)


def test_a_person_with_an_active_account_and_the_address_of_a_deactivated_one_may_do_nothing(
    client: TestClient,
) -> None:
    grace = partial(signed_in, "grace", "keeper")
    people(client, grace(email="grace@example.org"))
    set_active(client, active=False)
    assert writes(client, grace(email="grace@example.org")) == 201
    assert writes(client, grace(email="ada@example.org")) == 403


def test_a_sign_in_without_a_verified_address_is_not_kept_out_by_an_account(client: TestClient) -> None:
    people(client, ADA("viewer"))
    set_active(client, active=False)
    assert writes(client, signed_in("another", "keeper", email="")) == 201


def test_a_program_of_the_cluster_has_no_account(adding: TestClient, sql: Sql) -> None:
    before = sql("select count(*) from account")
    headers = program("keeper")
    assert (reads(adding, headers), writes(adding, headers)) == (200, 201)
    assert "You have no account" not in people(adding, headers)
    assert (sql(LINKS), sql("select count(*) from account")) == ([], before)


def test_a_person_whose_account_is_not_active_may_do_nothing(client: TestClient, sql: Sql) -> None:
    sql("update account set active = false where id = 1")
    operations: list[Operation] = client.app.state.operations  # type: ignore[attr-defined]  # of Starlette
    calls = [(one.method, one.path) for one in operations if one.needs != "nothing"]
    calls += [("HEAD", path) for method, path in calls if method == "GET"]
    statuses = {
        (method, path): client.request(method, path, headers=ADA("admin"), follow_redirects=False).status_code
        for method, path in calls
    }
    assert len(statuses) > 100
    assert {call: status for call, status in statuses.items() if status != 403} == {}


def test_whoever_is_refused_reads_why(client: TestClient, sql: Sql) -> None:
    sql("update account set active = false where id = 1")
    why = "248289761001 may do nothing in the inventory, because the account ada is not active."
    assert why in client.get("/v1/sites", headers=ADA("admin")).json()["detail"]
    page = client.get("/inventory/ui/sites", headers=ADA("admin"))
    assert (page.status_code, why in HtmlPage(page.text).text) == (403, True)


def by_api(client: TestClient) -> None:
    set_active(client, active=False)


def by_button(client: TestClient) -> None:
    path = "/inventory/ui/people/1/deactivate"
    assert client.post(path, headers=ADMIN(), follow_redirects=False).status_code == 303


def by_form(client: TestClient) -> None:
    path = "/inventory/ui/people/1/edit"
    form = HtmlPage(client.get(path, headers=ADMIN()).text).fields
    del form["active"]
    assert client.post(path, data=form, headers=ADMIN(), follow_redirects=False).status_code == 303


@pytest.mark.parametrize("deactivate", [by_api, by_button, by_form])
def test_who_is_deactivated_may_do_nothing_at_once(
    client: TestClient, deactivate: Callable[[TestClient], None]
) -> None:
    assert (reads(client, ADA("keeper")), writes(client, ADA("keeper"))) == (200, 201)
    deactivate(client)
    assert (reads(client, ADA("keeper")), writes(client, ADA("keeper"))) == (403, 403)
    set_active(client, active=True)
    assert (reads(client, ADA("keeper")), writes(client, ADA("keeper"))) == (200, 201)


def test_another_replica_lets_a_deactivated_person_change_nothing_at_once_and_read_nothing_soon(
    client: TestClient, start_guarded: Callable[..., TestClient], wait_for: Callable[..., None]
) -> None:
    other = start_guarded()
    assert reads(other, ADA("keeper")) == 200
    set_active(client, active=False)
    assert writes(other, ADA("keeper")) == 403
    assert reads(other, ADA("keeper")) == 403, "the request before has read it"
    set_active(client, active=True)
    wait_for(lambda: reads(other, ADA("keeper")) == 200)
    set_active(client, active=False)
    wait_for(lambda: reads(other, ADA("keeper")) == 403)


def test_a_person_whose_account_is_deleted_is_matched_anew(client: TestClient, sql: Sql) -> None:
    people(client, ADA("viewer"))
    sql("update account set email = 'x@example.org' where id = 1")
    assert client.delete("/v1/users/1", headers={"If-Match": "*", **ADMIN()}).status_code == 204
    assert "No account has your e-mail address" in people(client, ADA("viewer"))
    created = client.post(
        "/v1/users", json={"username": "ada-2", "email": "ada@example.org"}, headers=ADMIN()
    ).json()
    assert "Your account: ada-2" in people(client, ADA("viewer"))
    assert sql(LINKS) == [(issuer().url, "248289761001", created["id"])]


def test_an_administrator_removes_a_link_and_another_person_is_linked(client: TestClient, sql: Sql) -> None:
    people(client, ADA("viewer"))
    shown = client.get("/inventory/ui/people/1", headers=ADMIN()).text
    assert issuer().url in shown
    assert "248289761001" in shown
    path = "/inventory/ui/people/1/unlink"
    assert client.post(path, headers=ADMIN(), follow_redirects=False).status_code == 303
    assert (
        "Nobody has signed in with this account yet."
        in client.get("/inventory/ui/people/1", headers=ADMIN()).text
    )
    other = signed_in("248289761001", "viewer", by=other_issuer, email="ada@example.org")
    assert "Your account: ada" in people(client, other)
    assert sql(LINKS) == [(other_issuer().url, "248289761001", 1)]


@pytest.mark.parametrize("role", ["viewer", "member", "keeper"])
def test_only_administrators_see_who_is_linked(client: TestClient, role: Any) -> None:
    people(client, ADA("viewer"))
    page = client.get("/inventory/ui/people/1", headers=signed_in("grace", role)).text
    assert "248289761001" not in page
    assert "Remove the link" not in page


def test_a_person_sees_which_account_is_the_own_one(client: TestClient) -> None:
    said = "This is your own account, so you could not activate it again yourself."
    assert said in client.get("/inventory/ui/people/1", headers=ADA("admin")).text
    assert said not in client.get("/inventory/ui/people/2", headers=ADA("admin")).text


def test_before_an_account_is_deleted_the_page_says_that_the_person_can_still_sign_in(
    client: TestClient,
) -> None:
    path, said = "/inventory/ui/people/1/delete", "This person could still sign in afterwards"
    assert said not in client.get(path, headers=ADMIN()).text
    people(client, ADA("viewer"))
    assert said in client.get(path, headers=ADMIN()).text


def test_an_account_is_added_for_a_person_with_a_role(adding: TestClient, sql: Sql) -> None:
    lise = signed_in("7", "viewer", username="lise", email="lise@example.org")
    for _ in range(2):
        assert "Your account: lise" in people(adding, lise)
    assert sql("select username, email, active from account where id > 2") == [
        ("lise", "lise@example.org", True)
    ]
    assert sql(LINKS) == [(issuer().url, "7", 3)]


@pytest.mark.parametrize("role", ["viewer", None])
def test_no_account_is_added_if_the_operator_does_not_allow_it_or_without_a_role(
    client: TestClient, adding: TestClient, sql: Sql, role: Any
) -> None:
    lise = signed_in("7", role, username="lise", email="lise@example.org")
    replica = client if role else adding
    assert reads(replica, lise) == (200 if role else 403)
    assert replica.get("/v1/me", headers=lise).status_code == 200
    assert (sql("select count(*) from account"), sql(LINKS)) == ([(2,)], [])


@pytest.mark.parametrize(
    ("username", "email", "said"),
    [
        ("lise", "", "Your sign-in has no verified e-mail address"),
        ("ADA", "lise@example.org", "Another account has your username, ADA."),
        ("l\u2060ise", "lise@example.org", "A username has at most 200 characters and no invisible ones"),
        ("l" * 201, "lise@example.org", "A username has at most 200 characters and no invisible ones"),
        ("lise", f"{'l' * 300}@example.org", "A username has at most 200 characters"),
        ("lise", "no address", "an e-mail address is like ada@example.org"),
    ],
)
def test_a_person_for_whom_no_account_can_be_added_is_told_why(
    adding: TestClient, sql: Sql, username: str, email: str, said: str
) -> None:
    lise = signed_in("7", "keeper", username=username, email=email)
    assert said in people(adding, lise)
    assert (reads(adding, lise), writes(adding, lise)) == (200, 201)
    assert (sql("select count(*) from account"), sql(LINKS)) == ([(2,)], [])


def test_a_subject_that_is_too_long_has_no_account(adding: TestClient, sql: Sql) -> None:
    lise = signed_in("7" * 256, "keeper", username="lise", email="ada@example.org")
    assert (reads(adding, lise), writes(adding, lise)) == (200, 201)
    assert "more than 255 characters" in people(adding, lise)
    assert sql(LINKS) == []


def test_a_refused_addition_takes_no_id(adding: TestClient) -> None:
    for _ in range(5):
        assert writes(adding, signed_in("7", "keeper", username="ada", email="lise@example.org")) == 201
    new = adding.post("/v1/users", json={"username": "emmy", "email": "emmy@example.org"}, headers=ADMIN())
    assert new.json()["id"] == 3


@pytest.mark.parametrize("email", ["ada@example.org", "lise@example.org"], ids=["linked", "added"])
def test_simultaneous_first_requests_of_a_person_make_one_link(
    adding: TestClient,
    start_guarded: Callable[..., TestClient],
    sql: Sql,
    threads: ThreadPoolExecutor,
    email: str,
) -> None:
    replicas = [adding, start_guarded(access_add_people=True)]
    for number in range(10):
        sql("delete from account_identity")
        sql("delete from account where id > 2")
        headers = signed_in(str(number), "keeper", username=f"lise-{number}", email=email)
        requests = [partial(writes, replica, headers) for replica in replicas * 2]
        assert at_once(threads, *requests) == [201] * 4
        assert sql("select count(*) from account") == [(2 if email.startswith("ada") else 3,)]
        assert sql("select subject from account_identity") == [(str(number),)]


def test_tokens_of_one_person_with_different_names_at_the_same_moment_add_one_account(
    adding: TestClient, start_guarded: Callable[..., TestClient], sql: Sql, threads: ThreadPoolExecutor
) -> None:
    replicas = [adding, start_guarded(access_add_people=True)]
    for number in range(10):
        sql("delete from account_identity")
        sql("delete from account where id > 2")
        tokens = [
            signed_in(str(number), "keeper", username=f"lise-{n}", email=f"{n}@example.org") for n in range(4)
        ]
        requests = [partial(writes, replicas[n % 2], headers) for n, headers in enumerate(tokens)]
        assert at_once(threads, *requests) == [201] * 4
        assert sql("select count(*) from account where id > 2") == [(1,)]
        assert sql(LINKS) == sql("select %s, %s, max(id) from account", issuer().url, str(number))


def test_of_two_people_with_one_address_at_the_same_moment_one_is_linked(
    client: TestClient, start_guarded: Callable[..., TestClient], sql: Sql, threads: ThreadPoolExecutor
) -> None:
    replicas = [client, start_guarded()]
    for number in range(10):
        sql("delete from account_identity")
        people_now = [signed_in(f"{number}-{one}", "keeper", email="ada@example.org") for one in range(4)]
        requests = [partial(writes, replicas[n % 2], headers) for n, headers in enumerate(people_now)]
        assert at_once(threads, *requests) == [201] * 4
        assert sql("select count(*) from account_identity") == [(1,)]


def test_without_the_database_people_get_a_503(free_ports: Callable[[], int]) -> None:
    nowhere = f"postgresql://127.0.0.1:{free_ports()}/x?connect_timeout=1"
    with serving(create, InventorySettings, database_url=nowhere, database_timeout_seconds=0.1) as client:
        assert (reads(client, ADA("keeper")), writes(client, ADA("keeper"))) == (503, 503)
        assert client.get("/inventory/ui/sites", headers=ADA("keeper")).status_code == 503
        assert client.get("/health").status_code == 200


@pytest.mark.direct  # a pooler does not pass the options of a connection on
@pytest.mark.parametrize("active", [True, False])
def test_while_the_database_is_read_only_the_address_counts_without_a_link(
    stocked: str, sql: Sql, *, active: bool
) -> None:
    sql("update account set active = %s where id = 1", active)
    url = f"{stocked} options='-c default_transaction_read_only=on'"
    with serving(create, InventorySettings, database_url=url) as client:
        assert reads(client, ADA("keeper")) == (200 if active else 403)
    assert sql(LINKS) == []


def test_the_form_of_an_event_chooses_the_own_account(client: TestClient) -> None:
    def chosen(headers: Headers, query: str = "") -> str:
        page = client.get(f"/inventory/ui/events/new{query}", headers=headers)
        return HtmlPage(page.text).fields["person"]

    assert chosen(ADA("member")) == "1"
    assert chosen(ADA("member"), "?person=2") == "2"
    assert chosen(signed_in("x", "member")) == ""
