"""The pages of every kind: a list, a page of each row, and forms to add, change and delete it."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient
from tests.inventory.kinds import HERE, Kind
from tests.support.html_page import HtmlPage

Sql = Callable[..., list[tuple[Any, ...]]]


def ui(kind: Kind, path: str = "") -> str:
    return f"/inventory/ui/{kind.pages}{path}"


def open_page(client: TestClient, path: str, status: int = 200) -> HtmlPage:
    response = client.get(path, headers={"Accept": "text/html"})
    assert response.status_code == status, response.text
    assert "script-src 'self'" in response.headers["content-security-policy"]
    return HtmlPage(response.text)


def as_typed(values: dict[str, Any]) -> dict[str, str]:
    """The fields of a form, for the values of a JSON body."""
    return {
        name: ("on" if value else "") if isinstance(value, bool) else "" if value is None else str(value)
        for name, value in values.items()
    }


def send(client: TestClient, path: str, fields: dict[str, str], status: int = 303) -> Any:
    sent = {name: value for name, value in fields.items() if name != "active" or value}
    response = client.post(path, data=sent, follow_redirects=False)
    assert response.status_code == status, response.text
    return response


def test_the_form_has_every_field_that_a_client_can_set(client: TestClient, kind: Kind) -> None:
    fields = {field.name for field in msgspec.structs.fields(kind.new)}
    shown = open_page(client, ui(kind, "/new"))
    missing = fields - shown.fields.keys()
    assert not missing, (
        f"inventory/{kind.package}/templates has a form for a {kind.name} without {sorted(missing)}: add the fields"
    )
    assert fields <= shown.labels, "every field has a label"


def test_the_page_of_a_row_shows_every_field(client: TestClient, kind: Kind) -> None:
    created = client.post(f"/v1/{kind.plural}", json=kind.created).json()
    shown = open_page(client, ui(kind, f"/{created['id']}"))
    hidden = [
        name
        for name, value in kind.created.items()
        if not name.endswith("_id") and not isinstance(value, bool) and str(value) not in shown.text
    ]
    assert not hidden, (
        f"inventory/{kind.package}/templates has a page of a {kind.name} that does not show {hidden}, whose values are"
        f" in {HERE}"
    )


def test_a_form_creates_a_row_that_the_api_has(client: TestClient, kind: Kind) -> None:
    form = open_page(client, ui(kind, "/new")).fields
    answer = send(client, ui(kind, "/new"), {**form, **as_typed(kind.created)})
    ident = int(answer.headers["location"].rpartition("/")[2])
    stored = client.get(f"/v1/{kind.plural}/{ident}").json()
    assert {name: stored[name] for name in kind.created} == kind.created


def test_the_next_page_says_once_what_was_done(client: TestClient, kind: Kind) -> None:
    form = open_page(client, ui(kind, "/new")).fields
    answer = send(client, ui(kind, "/new"), {**form, **as_typed(kind.created)})
    location = answer.headers["location"]
    assert "was added." in open_page(client, location).text
    assert "was added." not in open_page(client, location).text


def test_a_form_that_is_sent_twice_creates_one_row(client: TestClient, kind: Kind, sql: Sql) -> None:
    form = {**open_page(client, ui(kind, "/new")).fields, **as_typed(kind.created)}
    before = sql(f"select count(*) from {kind.table}")
    first = send(client, ui(kind, "/new"), form)
    again = send(client, ui(kind, "/new"), form)
    assert first.headers["location"] == again.headers["location"]
    assert sql(f"select count(*) from {kind.table}") == [(before[0][0] + 1,)]


def test_a_form_with_errors_says_so_beside_each_field_and_keeps_what_was_typed(
    client: TestClient, kind: Kind
) -> None:
    typed = {"name": " ", "description": "x" * 10_001, "username": "", "email": "not an address"}
    form = open_page(client, ui(kind, "/new")).fields
    wrong = {name: value for name, value in typed.items() if name in form}
    answer = send(client, ui(kind, "/new"), {**form, **wrong}, status=422)
    shown = HtmlPage(answer.text)
    assert shown.title.startswith("Error: ")
    assert shown.errors.keys() >= wrong.keys()
    assert {name: shown.fields[name] for name in wrong} == wrong


def test_a_stored_row_can_be_changed(client: TestClient, kind: Kind) -> None:
    created = client.post(f"/v1/{kind.plural}", json=kind.created).json()
    path = ui(kind, f"/{created['id']}/edit")
    form = open_page(client, path).fields
    assert {name: form[name] for name in kind.created} == as_typed(kind.created)
    send(client, path, {**form, **as_typed(kind.changed)})
    stored = client.get(f"/v1/{kind.plural}/{created['id']}").json()
    assert {name: stored[name] for name in kind.changed} == kind.changed


def test_a_form_does_not_overwrite_what_somebody_else_changed(client: TestClient, kind: Kind) -> None:
    created = client.post(f"/v1/{kind.plural}", json=kind.created).json()
    path = ui(kind, f"/{created['id']}/edit")
    form = open_page(client, path).fields
    client.patch(f"/v1/{kind.plural}/{created['id']}", json=kind.change, headers={"If-Match": "*"})
    answer = send(client, path, {**form, **as_typed(kind.changed)}, status=412)
    shown = HtmlPage(answer.text)
    assert "Somebody else changed this" in shown.text
    assert {name: shown.fields[name] for name in kind.changed} == as_typed(kind.changed)
    send(client, path, shown.fields)
    stored = client.get(f"/v1/{kind.plural}/{created['id']}").json()
    assert {name: stored[name] for name in kind.changed} == kind.changed


def test_a_row_is_deleted_after_a_question(client: TestClient, kind: Kind) -> None:
    created = client.post(f"/v1/{kind.plural}", json=kind.created).json()
    path = ui(kind, f"/{created['id']}/delete")
    form = open_page(client, path).fields
    assert client.get(f"/v1/{kind.plural}/{created['id']}").status_code == 200
    answer = send(client, path, form)
    assert answer.headers["location"] == ui(kind)
    assert client.get(f"/v1/{kind.plural}/{created['id']}").status_code == 404


def test_a_row_that_changed_since_the_question_is_not_deleted(client: TestClient, kind: Kind) -> None:
    created = client.post(f"/v1/{kind.plural}", json=kind.created).json()
    path = ui(kind, f"/{created['id']}/delete")
    form = open_page(client, path).fields
    client.patch(f"/v1/{kind.plural}/{created['id']}", json=kind.change, headers={"If-Match": "*"})
    answer = send(client, path, form, status=412)
    assert "Somebody else changed this" in HtmlPage(answer.text).text
    assert client.get(f"/v1/{kind.plural}/{created['id']}").status_code == 200


def test_a_row_that_is_not_there_is_a_page_that_says_so(client: TestClient, kind: Kind) -> None:
    for path in ("/999", "/999/edit", "/999/delete", "/none"):
        assert "There is no such page" in open_page(client, ui(kind, path), 404).text


def test_the_list_shows_the_rows_with_links_and_how_many_there_are(client: TestClient, kind: Kind) -> None:
    created = client.post(f"/v1/{kind.plural}", json=kind.created).json()
    shown = open_page(client, ui(kind))
    assert ui(kind, f"/{created['id']}") in shown.links
    total = client.get(f"/v1/{kind.plural}", params={"total": "true"}).json()["total"]
    assert re.search(rf"\b{total} \w+", shown.text)


def test_every_link_of_the_list_that_sorts_or_filters_works(client: TestClient, kind: Kind) -> None:
    for link in open_page(client, ui(kind)).links:
        if link.startswith(ui(kind)) and ".csv" not in link:
            open_page(client, link)


def test_an_empty_list_says_what_to_do_first(empty: TestClient, kind: Kind) -> None:
    shown = open_page(empty, ui(kind))
    assert re.search(r"There is no \w+ yet", shown.text) or "Nobody" in shown.text


def test_the_form_without_anything_to_refer_to_says_what_to_add_first(empty: TestClient, kind: Kind) -> None:
    references = [name for name in kind.body if name.endswith("_id")]
    shown = open_page(empty, ui(kind, "/new"))
    assert bool(references) == ("first" in shown.text and not shown.fields)


def test_a_search_without_a_match_says_so(client: TestClient, kind: Kind) -> None:
    shown = open_page(client, ui(kind, "?q=surely-not-there"))
    assert re.search(r"No \w+ matches|Nobody matches", shown.text)
    assert ui(kind) in shown.links


def test_the_list_as_csv_has_every_row_of_the_api(client: TestClient, kind: Kind) -> None:
    client.post(f"/v1/{kind.plural}", json=kind.created)
    response = client.get(ui(kind, ".csv"))
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    items = client.get(f"/v1/{kind.plural}").json()["items"]
    assert [row["id"] for row in rows] == [str(item["id"]) for item in items]
    assert rows[0].keys() == items[0].keys()


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "sort=nothing", "cursor=nothing"])
def test_an_address_that_cannot_be_used_says_why(client: TestClient, kind: Kind, query: str) -> None:
    response = client.get(ui(kind, f"?{query}"), headers={"Accept": "text/html"})
    assert response.status_code in (400, 422)
    assert "This address cannot be used" in response.text or "This cannot be used" in response.text


def test_a_parameter_that_the_page_does_not_have_is_ignored(client: TestClient, kind: Kind) -> None:
    open_page(client, ui(kind, "?utm_source=mail&q=&site_id="))


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"name=%ff", "application/x-www-form-urlencoded", 400),
        ("name=é".encode(), "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=%d" % number for number in range(1000)), "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"", "", 415),
        (b"name=%00&description=%00&username=%00", "application/x-www-form-urlencoded", 422),
        (b"key=%00", "application/x-www-form-urlencoded", 422),
    ],
)
def test_a_form_that_cannot_be_read_says_why(
    client: TestClient, kind: Kind, body: bytes, media_type: str, status: int
) -> None:
    response = client.post(ui(kind, "/new"), content=body, headers={"Content-Type": media_type})
    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
