"""The original paths of sites, freezers, computers and containers."""

from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.inventory.kinds import WITH_ORIGINAL_PATHS

SITE_1 = {
    "id": 1,
    "name": "Site 1",
    "contact": "John Smith",
    "address": "123 Muffin Lane, Ann Arbor",
    "state_or_region": "MI",
    "country": "USA",
    "postcode_or_zip": "48103",
}


@pytest.mark.parametrize("prefix", ["", "/inventory"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_the_list_is_complete_and_ordered_by_id(
    client: TestClient, thing: Any, prefix: str, slash: str
) -> None:
    for number, ident in enumerate((2147483647, 7)):
        client.post(f"/{thing.name}/{ident}", json=thing.numbered_body(number))
    answer = client.get(f"{prefix}/{thing.plural}{slash}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    ids = [one["id"] for one in answer.json()]
    assert ids == sorted(ids)
    assert ids[-2:] == [7, 2147483647]


def test_the_list_without_rows_is_empty(empty: TestClient, thing: Any) -> None:
    assert empty.get(f"/{thing.plural}").json() == []


def test_a_site_has_the_original_columns_only(client: TestClient) -> None:
    assert client.get("/site/1").json() == SITE_1
    assert client.get("/sites").json()[0] == SITE_1
    assert client.get("/sites/0/1").json() == [SITE_1]


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("/freezer/1", ["id", "name", "site_id"]),
        ("/computer/1", ["id", "name", "mac", "site_id"]),
        ("/container/1", ["id", "uuid", "description", "freezer_id"]),
    ],
)
def test_other_kinds_have_their_original_columns_only(client: TestClient, path: str, keys: list[str]) -> None:
    assert list(client.get(path).json()) == keys


@pytest.mark.parametrize(
    ("part", "ids"),
    [("0/2", [1, 2]), ("1/1", [2]), ("2/10", [3]), ("3/5", []), ("0/0", []), ("0/2147483647", [1, 2, 3])],
)
def test_a_slice_is_in_the_order_of_ids(client: TestClient, part: str, ids: list[int]) -> None:
    assert [site["id"] for site in client.get(f"/sites/{part}").json()] == ids


@pytest.mark.parametrize("part", ["-1/5", "0/-1", "a/5", "0/b", "1.0/2", "0/1e2", "0/99999999999999999999"])
def test_a_slice_by_bad_numbers_is_refused(client: TestClient, thing: Any, part: str) -> None:
    assert client.get(f"/{thing.plural}/{part}").status_code == 400


@pytest.mark.parametrize(
    "ident", ["99", "0", "-1", "abc", "1.0", "01", "2147483648", "9" * 400, "%00", "%ff"]
)
def test_an_unknown_id_or_one_that_is_not_a_number_is_404(client: TestClient, thing: Any, ident: str) -> None:
    for answer in (client.get(f"/{thing.name}/{ident}"), client.delete(f"/{thing.name}/{ident}")):
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


def test_post_creates_with_that_id(client: TestClient, thing: Any) -> None:
    answer = client.post(f"/{thing.name}/77", json=thing.body)
    assert answer.status_code == 200
    assert answer.json()["id"] == 77
    assert thing.body.items() <= answer.json().items()
    assert client.get(f"/{thing.name}/77").json() == answer.json()


def test_post_updates_the_given_fields_and_keeps_the_others(client: TestClient, thing: Any) -> None:
    before = client.get(f"/{thing.name}/1").json()
    answer = client.post(f"/{thing.name}/1", json=thing.change)
    assert answer.status_code == 200
    assert answer.json() == {**before, **thing.change}
    assert client.get(f"/{thing.name}/1").json() == answer.json()


def test_an_empty_update_changes_nothing(client: TestClient, thing: Any) -> None:
    before = client.get(f"/{thing.name}/1").json()
    assert client.post(f"/{thing.name}/1", json={}).json() == before


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (b"48104", "48104"),
        (b"1.50", "1.50"),
        (b"-0", "-0"),
        (b"1e400", "1e400"),
        (b"1" * 200, "1" * 200),
        (b" 7 ", "7"),
        (b"null", None),
        (b'"x"', "x"),
    ],
)
def test_a_number_where_text_is_expected_is_stored_as_it_was_written(
    client: TestClient, written: bytes, text: str | None
) -> None:
    body = b'{"postcode_or_zip":' + written + b"}"
    answer = client.post("/site/1", content=body, headers={"Content-Type": "application/json"})
    assert answer.json() == {**SITE_1, "postcode_or_zip": text}


@pytest.mark.parametrize("value", [True, False, {}, [], {"a": 1}, ["x"]])
def test_a_value_that_is_neither_text_nor_number_is_refused(client: TestClient, value: object) -> None:
    answer = client.post("/site/1", json={"postcode_or_zip": value})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/postcode_or_zip"
    assert client.get("/site/1").json() == SITE_1


def test_the_id_may_be_repeated_in_the_body(client: TestClient, thing: Any) -> None:
    repeated = {"id": 9, f"{thing.name}_id": 9}
    assert client.post(f"/{thing.name}/9", json={**thing.body, **repeated}).json()["id"] == 9


@pytest.mark.parametrize("alias", ["id", "{}_id"])
def test_another_id_in_the_body_is_refused(client: TestClient, thing: Any, alias: str) -> None:
    name = alias.format(thing.name)
    answer = client.post(f"/{thing.name}/9", json={**thing.body, name: 8})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{name}"
    assert client.get(f"/{thing.name}/9").status_code == 404


@pytest.mark.parametrize("ident", ["0", "-1", "abc", "1.0", "2147483648", "9" * 100])
def test_post_to_an_invalid_id_is_refused(client: TestClient, thing: Any, ident: str) -> None:
    assert client.post(f"/{thing.name}/{ident}", json=thing.body).status_code == 400


def test_creating_without_a_required_field_is_refused(client: TestClient, thing: Any) -> None:
    for field in set(thing.body) & {"name", "site_id", "freezer_id"}:
        body = {name: value for name, value in thing.body.items() if name != field}
        answer = client.post(f"/{thing.name}/9", json=body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == f"/{field}"
    assert client.get(f"/{thing.name}/9").status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": " \t\n"}, "/name"),
        ({"name": "\u2003"}, "/name"),
        ({"name": None}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": "a\0b"}, "/name"),
        ({"contact": "x" * 201}, "/contact"),
        ({"address": "x" * 1001}, "/address"),
        ({"id": "1"}, "/id"),
        ({"id": 10**30}, "/id"),
    ],
)
def test_a_bad_field_is_refused_and_changes_nothing(
    client: TestClient, body: dict[str, Any], pointer: str
) -> None:
    answer = client.post("/site/1", json=body)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert client.get("/site/1").json() == SITE_1


def test_delete_responds_with_the_deleted_row(client: TestClient, thing: Any) -> None:
    client.post(f"/{thing.name}/50", json=thing.body)
    before = client.get(f"/{thing.name}/50").json()
    answer = client.delete(f"/{thing.name}/50")
    assert (answer.status_code, answer.json()) == (200, before)
    assert client.get(f"/{thing.name}/50").status_code == 404
    assert client.delete(f"/{thing.name}/50").status_code == 404


@pytest.mark.parametrize("value", ["blue", 5, None, [{"a": []}], "x" * 50_000])
def test_fields_that_the_original_did_not_know_are_ignored(
    client: TestClient, thing: Any, value: object
) -> None:
    more = {"colour": value, "version": value, "created_at": value, "plural": value}
    before = client.get(f"/{thing.name}/1").json()
    assert client.post(f"/{thing.name}/1", json=more).json() == before
    answer = client.post(f"/{thing.name}/9", json={**thing.body, **more})
    assert answer.status_code == 200
    assert answer.json() == client.post(f"/{thing.name}/9", json={}).json()
    assert thing.body.items() <= answer.json().items()
    assert not more.keys() & answer.json().keys()


@pytest.mark.parametrize(("path", "referrer"), [("/site/1", "freezer"), ("/freezer/1", "container")])
def test_delete_is_refused_while_something_refers_to_it(client: TestClient, path: str, referrer: str) -> None:
    answer = client.delete(path)
    assert answer.status_code == 400
    assert answer.json()["detail"] == f"A {referrer} still refers to it. Move or remove that first."
    assert client.get(path).status_code == 200


def test_a_mac_address_that_another_computer_has_is_refused(client: TestClient) -> None:
    body = {"name": "Twin", "mac": "08-00-2B-01-02-03", "site_id": 1}
    answer = client.post("/computer/9", json=body)
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"pointer": "/mac", "code": "taken", "detail": "Another computer has that MAC address already."}
    ]


@pytest.mark.parametrize("mac", ["", "zz:00:2b:01:02:03", "08:00:2b:01:02", "08:00-2b:01:02:03", 5])
def test_an_invalid_mac_address_is_refused(client: TestClient, mac: object) -> None:
    answer = client.post("/computer/1", json={"mac": mac})
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {
            "pointer": "/mac",
            "code": "invalid",
            "detail": "A MAC address is needed here, such as 08:00:2b:01:02:03",
        }
    ]


def test_a_reference_to_an_unknown_id_is_refused(client: TestClient) -> None:
    for path, body in [("/freezer/1", {"site_id": 99}), ("/container/1", {"freezer_id": 99})]:
        answer = client.post(path, json=body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "unknown"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"{", "application/json"),
        (b"", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b'{"name":"\xff"}', "application/json"),
        (b'{"name":"\\ud800"}', "application/json"),
        (b'{"name":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "application/json"),
        (b'{"name":"x"}', "text/plain"),
        (b"name=x", "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_is_not_a_json_object_is_refused(
    client: TestClient, content: bytes, content_type: str
) -> None:
    answer = client.post("/site/1", content=content, headers={"Content-Type": content_type})
    assert answer.status_code == 400
    assert client.get("/site/1").json() == SITE_1


def test_a_wrong_method_is_405_with_the_allowed_methods(client: TestClient, thing: Any) -> None:
    for path, allowed in [
        (f"/{thing.name}/1", "DELETE, GET, HEAD, POST"),
        (f"/{thing.plural}", "GET, HEAD"),
        (f"/{thing.plural}/0/1", "GET, HEAD"),
    ]:
        answer = client.put(path, json={})
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_a_body_beyond_the_limit_is_refused(client: TestClient) -> None:
    assert client.post("/site/1", json={"name": "x" * 1_100_000}).status_code == 413


def test_instruments_are_computers_and_freezers_by_site(client: TestClient) -> None:
    client.post("/freezer/9", json={"name": "Early", "site_id": 2})
    client.post("/computer/9", json={"name": "Late", "site_id": 2})
    expected = [
        {"computer_id": 1, "freezer_id": None, "name": "Computer 1", "site_id": 1, "site_name": "Site 1"},
        {"computer_id": 2, "freezer_id": None, "name": "Computer 2", "site_id": 1, "site_name": "Site 1"},
        {"computer_id": None, "freezer_id": 1, "name": "-20C", "site_id": 1, "site_name": "Site 1"},
        {"computer_id": None, "freezer_id": 2, "name": "-40C", "site_id": 1, "site_name": "Site 1"},
        {"computer_id": 9, "freezer_id": None, "name": "Late", "site_id": 2, "site_name": "Site 2"},
        {"computer_id": None, "freezer_id": 9, "name": "Early", "site_id": 2, "site_name": "Site 2"},
    ]
    for path in ("/instruments", "/instruments/", "/inventory/instruments"):
        assert client.get(path).json() == expected
    assert client.get("/v1/instruments").json() == {"items": expected}


def test_the_list_without_instruments_is_empty(empty: TestClient) -> None:
    assert empty.get("/instruments").json() == []


def test_every_kind_has_its_original_operations(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for kind in WITH_ORIGINAL_PATHS:
        assert set(paths[f"/{kind.name}/{{id}}"]) == {"get", "post", "delete"}
        for path in (
            f"/{kind.plural}",
            f"/{kind.plural}/",
            f"/{kind.plural}/{{offset}}/{{limit}}",
        ):
            assert set(paths[path]) == {"get"}
