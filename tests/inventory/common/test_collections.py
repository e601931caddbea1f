"""The collections under /v1: sites, freezers, computers, containers, users."""

import re
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z").fullmatch


def create(client: TestClient, kind: Any, **more: object) -> Any:
    answer = client.post(f"/v1/{kind.plural}", json={**kind.body, **more})
    assert answer.status_code == 201, answer.text
    return answer


def test_create_responds_201_with_location_and_version(client: TestClient, kind: Any) -> None:
    answer = create(client, kind)
    thing = answer.json()
    assert kind.body.items() <= thing.items()
    assert RFC3339(thing["created_at"])
    assert thing["updated_at"] == thing["created_at"]
    assert answer.headers["location"] == f"/v1/{kind.plural}/{thing['id']}"
    again = client.get(answer.headers["location"])
    assert again.json() == thing
    assert again.headers["etag"] == answer.headers["etag"]
    assert re.fullmatch(r'"\d+-[0-9a-f]{8}"', answer.headers["etag"])


def test_the_location_has_the_prefix_that_the_caller_used(client: TestClient, kind: Any) -> None:
    answer = client.post(f"/inventory/v1/{kind.plural}", json=kind.body)
    assert answer.headers["location"].startswith(f"/inventory/v1/{kind.plural}/")
    assert client.get(answer.headers["location"]).status_code == 200


def test_create_takes_a_free_id(empty: TestClient) -> None:
    for taken in (1, 2, 4, 2147483647):
        empty.post(f"/site/{taken}", json={"name": "Taken"})
    ids = [empty.post("/v1/sites", json={"name": "New"}).json()["id"] for _ in range(3)]
    assert ids == [3, 5, 6]


def test_create_after_deletion_repeats_no_version(client: TestClient, kind: Any) -> None:
    first = create(client, kind)
    place = first.headers["location"]
    assert client.delete(place, headers={"If-Match": "*"}).status_code == 204
    assert create(client, kind).headers["etag"] != first.headers["etag"]


def test_a_required_field_must_be_given(client: TestClient, kind: Any) -> None:
    required = [field.name for field in msgspec.structs.fields(kind.new) if field.required]
    assert required
    for field in required:
        body = {name: value for name, value in kind.body.items() if name != field}
        answer = client.post(f"/v1/{kind.plural}", json=body)
        assert answer.status_code == 422
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(f"/{field}", "missing")]


@pytest.mark.parametrize("field", ["id", "version", "created_at", "colour"])
def test_an_unknown_field_is_refused(client: TestClient, kind: Any, field: str) -> None:
    unknown = [(f"/{field}", "unknown")]
    answer = client.post(f"/v1/{kind.plural}", json={**kind.body, field: 5})
    assert (answer.status_code, [(e["pointer"], e["code"]) for e in answer.json()["errors"]]) == (
        422,
        unknown,
    )
    answer = client.patch(f"/v1/{kind.plural}/1", json={field: 5}, headers={"If-Match": "*"})
    assert (answer.status_code, [(e["pointer"], e["code"]) for e in answer.json()["errors"]]) == (
        422,
        unknown,
    )


def test_a_number_is_refused_where_text_is_expected(client: TestClient) -> None:
    answer = client.post("/v1/sites", json={"name": "Annex", "postcode_or_zip": 48104})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/postcode_or_zip")


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("sites", {"name": " "}, "/name"),
        ("freezers", {"name": "F", "site_id": 0}, "/site_id"),
        ("freezers", {"name": "F", "site_id": 2147483648}, "/site_id"),
        ("freezers", {"name": "F", "site_id": "1"}, "/site_id"),
        ("computers", {"name": "C", "mac": "nonsense", "site_id": 1}, "/mac"),
        ("containers", {"freezer_id": 1, "uuid": "nonsense"}, "/uuid"),
        ("containers", {"freezer_id": 1, "description": "x" * 10_001}, "/description"),
        ("users", {"username": "", "email": "a@b"}, "/username"),
        ("users", {"username": "u", "email": "nobody"}, "/email"),
        ("users", {"username": "u", "email": "@example.org"}, "/email"),
        ("users", {"username": "u", "email": "ada@"}, "/email"),
        ("users", {"username": "u", "email": "a da@example.org"}, "/email"),
        ("users", {"username": "u", "email": "a" * 250 + "@b.org"}, "/email"),
        ("users", {"username": "u", "email": "a@b\0"}, "/email"),
        ("users", {"username": "u", "email": "a@b", "active": 1}, "/active"),
    ],
)
def test_a_bad_value_is_refused_with_a_pointer_to_it(
    client: TestClient, path: str, body: dict[str, Any], pointer: str
) -> None:
    answer = client.post(f"/v1/{path}", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("path", "body", "pointer", "code"),
    [
        ("freezers", {"name": "F", "site_id": 99}, "/site_id", "unknown"),
        ("computers", {"name": "C", "site_id": 99}, "/site_id", "unknown"),
        ("containers", {"freezer_id": 99}, "/freezer_id", "unknown"),
        ("computers", {"name": "C", "mac": "08002B010203", "site_id": 1}, "/mac", "taken"),
        ("containers", {"freezer_id": 1, "uuid": "5f0f2d3c-7f4b-4e0e-9a55-0f7c1f1b6a01"}, "/uuid", "taken"),
        ("users", {"username": "u", "email": "ADA@example.org"}, "/email", "taken"),
        ("users", {"username": "Ada", "email": "a@b"}, "/username", "taken"),
    ],
)
def test_a_conflict_is_refused_with_a_pointer_to_it(
    client: TestClient, path: str, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = client.post(f"/v1/{path}", json=body)
    assert answer.status_code == 409
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


def test_a_container_without_a_uuid_gets_one(client: TestClient) -> None:
    thing = client.post("/v1/containers", json={"freezer_id": 1}).json()
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", thing["uuid"])
    assert thing["description"] == ""


def test_get_with_the_current_etag_is_304(client: TestClient, kind: Any) -> None:
    path = f"/v1/{kind.plural}/1"
    tag = client.get(path).headers["etag"]
    answer = client.get(path, headers={"If-None-Match": f'"0", {tag}'})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"0"'}).status_code == 200


@pytest.mark.parametrize("ident", ["99", "0", "-1", "abc", "1.0", "2147483648", "9" * 300, "%00", "%ff"])
def test_an_unknown_id_is_404(client: TestClient, kind: Any, ident: str) -> None:
    path = f"/v1/{kind.plural}/{ident}"
    any_version = {"If-Match": "*"}
    assert client.get(path).status_code == 404
    assert client.patch(path, json=kind.change, headers=any_version).status_code == 404
    assert client.delete(path, headers=any_version).status_code == 404


@pytest.mark.parametrize("content_type", ["application/json", "application/merge-patch+json"])
def test_patch_changes_the_given_fields_at_the_expected_version(
    client: TestClient, kind: Any, content_type: str
) -> None:
    path = f"/v1/{kind.plural}/1"
    before = client.get(path)
    headers = {"If-Match": before.headers["etag"], "Content-Type": content_type}
    answer = client.patch(path, json=kind.change, headers=headers)
    assert answer.status_code == 200
    assert answer.json() == {
        **before.json(),
        **kind.change,
        "updated_at": answer.json()["updated_at"],
    }
    assert answer.json()["updated_at"] > before.json()["updated_at"]
    assert answer.headers["etag"] != before.headers["etag"]
    assert client.get(path).json() == answer.json()


def test_a_patch_that_changes_nothing_leaves_the_version(client: TestClient, kind: Any) -> None:
    path = f"/v1/{kind.plural}/1"
    before = client.get(path)
    answer = client.patch(path, json={}, headers={"If-Match": "*"})
    assert (answer.json(), answer.headers["etag"]) == (before.json(), before.headers["etag"])


def test_writes_without_if_match_are_refused(client: TestClient, kind: Any) -> None:
    path = f"/v1/{kind.plural}/1"
    before = client.get(path).json()
    assert client.patch(path, json=kind.change).status_code == 428
    assert client.delete(path).status_code == 428
    assert client.get(path).json() == before


@pytest.mark.parametrize("tag", ['"0"', '"99999999999999999"', '"abc"', 'W/"1"', '"9999999999999999999999"'])
def test_writes_at_another_version_are_refused(client: TestClient, kind: Any, tag: str) -> None:
    path = f"/v1/{kind.plural}/1"
    before = client.get(path).json()
    assert client.patch(path, json=kind.change, headers={"If-Match": tag}).status_code == 412
    assert client.delete(path, headers={"If-Match": tag}).status_code == 412
    assert client.get(path).json() == before


def test_an_if_match_without_a_tag_is_malformed(client: TestClient, kind: Any) -> None:
    path = f"/v1/{kind.plural}/1"
    assert client.patch(path, json=kind.change, headers={"If-Match": "7"}).status_code == 400


def test_if_match_may_have_the_etag_of_a_compressed_response(client: TestClient) -> None:
    place = client.post(
        "/v1/sites", json={"name": "Big", "address": "x" * 1000, "contact": "y" * 200}
    ).headers["location"]
    answer = client.get(place, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    tag = answer.headers["etag"]
    assert tag.endswith('-gzip"')
    assert client.get(place, headers={"If-None-Match": tag}).status_code == 304
    assert client.patch(place, json={"name": "B"}, headers={"If-Match": tag}).status_code == 200


def test_delete_at_the_expected_version(client: TestClient, kind: Any) -> None:
    made = create(client, kind)
    place = made.headers["location"]
    answer = client.delete(place, headers={"If-Match": made.headers["etag"]})
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(place).status_code == 404


@pytest.mark.parametrize(("path", "referrer"), [("/v1/sites/1", "freezer"), ("/v1/freezers/1", "container")])
def test_delete_is_a_conflict_while_something_refers_to_it(
    client: TestClient, path: str, referrer: str
) -> None:
    answer = client.delete(path, headers={"If-Match": "*"})
    assert answer.status_code == 409
    assert answer.json()["detail"] == f"A {referrer} still refers to it. Move or remove that first."
    assert client.get(path).status_code == 200


def test_a_body_of_another_type_is_refused(client: TestClient, kind: Any) -> None:
    headers = {"Content-Type": "text/plain", "If-Match": "*"}
    assert client.post(f"/v1/{kind.plural}", content="{}", headers=headers).status_code == 415
    assert client.patch(f"/v1/{kind.plural}/1", content="{}", headers=headers).status_code == 415


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"name":"\xff"}',
        b'{"name":"\\ud800"}',
        b'{"name":"\\udc00"}',
        b'{"name":01}',
        b'{"name":' + b"[" * 100_000,
    ],
)
def test_a_body_that_is_not_json_is_malformed(client: TestClient, kind: Any, content: bytes) -> None:
    headers = {"Content-Type": "application/json", "If-Match": "*"}
    assert client.post(f"/v1/{kind.plural}", content=content, headers=headers).status_code in (400, 422)
    assert client.patch(f"/v1/{kind.plural}/1", content=content, headers=headers).status_code in (400, 422)


def test_each_page_but_the_last_has_a_cursor_for_the_next(client: TestClient, kind: Any) -> None:
    made = [create(client, kind, **kind.numbered_body(number)).json()["id"] for number in range(5)]
    everything = client.get(f"/v1/{kind.plural}").json()
    assert "next" not in everything
    assert [one["id"] for one in everything["items"]][-5:] == made
    seen: list[Any] = []
    query = {"limit": "2"}
    while True:
        page = client.get(f"/v1/{kind.plural}", params=query).json()
        seen += page["items"]
        if "next" not in page:
            break
        assert len(page["items"]) == 2
        query["cursor"] = page["next"]
    assert seen == everything["items"]


def test_pages_are_complete_while_the_list_changes(client: TestClient) -> None:
    first = client.get("/v1/sites?limit=2").json()
    client.delete("/v1/sites/2", headers={"If-Match": "*"})
    rest = client.get("/v1/sites", params={"limit": "2", "cursor": first["next"]}).json()
    assert [site["id"] for site in rest["items"]] == [3]


def test_an_empty_collection_has_no_items(empty: TestClient, kind: Any) -> None:
    assert empty.get(f"/v1/{kind.plural}").json() == {"items": []}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 422),
        ("limit=1001", 422),
        ("limit=x", 422),
        ("limit=", 422),
        ("limit=1&limit=2", 422),
        ("colour=blue", 422),
        ("cursor=x", 400),
        ("cursor=" + "x" * 600, 422),
        ("cursor=LTE", 400),  # -1
        ("cursor=IngiIHg", 400),  # not JSON
        ("cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk", 400),
        ("cursor=%00", 400),
        ("cursor=%ff", 400),
        ("%ff=1", 422),
        ("%", 422),
    ],
)
def test_a_bad_query_is_refused(client: TestClient, kind: Any, query: str, status: int) -> None:
    assert client.get(f"/v1/{kind.plural}?{query}").status_code == status


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("freezers?site_id=1", [1, 2, 3]),
        ("freezers?site_id=2", [4]),
        ("freezers?site_id=3", []),
        ("freezers?site_id=1&limit=1", [1]),
        ("computers?site_id=1", [1, 2]),
        ("computers?site_id=2", []),
        ("containers?freezer_id=1", [1, 2]),
        ("containers?freezer_id=2", [3]),
    ],
)
def test_lists_are_filtered(client: TestClient, path: str, ids: list[int]) -> None:
    client.post("/v1/freezers", json={"name": "Third", "site_id": 1})
    client.post("/v1/freezers", json={"name": "Elsewhere", "site_id": 2})
    assert [one["id"] for one in client.get(f"/v1/{path}").json()["items"]] == ids


@pytest.mark.parametrize(
    "path",
    [
        "freezers?site_id=x",
        "freezers?site_id=null",
        "events?status=null",
        "containers?freezer_id=0",
        "sites?site_id=1",
    ],
)
def test_a_bad_filter_is_refused(client: TestClient, path: str) -> None:
    assert client.get(f"/v1/{path}").status_code == 422


def test_instruments_are_paged_in_their_order(client: TestClient) -> None:
    client.post("/v1/freezers", json={"name": "Elsewhere", "site_id": 2})
    everything = client.get("/v1/instruments").json()["items"]
    assert len(everything) == 5
    seen: list[Any] = []
    page: dict[str, Any] = {}
    for _ in everything:
        query = {"limit": "1"} | ({"cursor": page["next"]} if page else {})
        page = client.get("/v1/instruments", params=query).json()
        seen += page["items"]
    assert seen == everything
    assert "next" not in page


def test_a_cursor_from_another_list_or_with_other_filters_is_refused(client: TestClient) -> None:
    cursor = client.get("/v1/freezers?site_id=1&limit=1").json()["next"]
    assert client.get(f"/v1/freezers?site_id=1&cursor={cursor}").status_code == 200
    for other in ("freezers?site_id=2", "freezers?", "sites?", "instruments?", "events?", "notifications?"):
        answer = client.get(f"/v1/{other}&cursor={cursor}")
        assert (answer.status_code, "filters" in answer.json()["detail"]) == (400, True)


def test_a_list_is_compressed_for_those_who_accept_it(client: TestClient) -> None:
    for number in range(20):
        client.post("/v1/sites", json={"name": f"Site {number}", "address": "A long way off"})
    answer = client.get("/v1/sites", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.json()["items"]) == 23


def test_a_wrong_method_is_405_with_the_allowed_methods(client: TestClient, kind: Any) -> None:
    assert client.put(f"/v1/{kind.plural}/1").headers["allow"] == "DELETE, GET, HEAD, PATCH"
    assert client.delete(f"/v1/{kind.plural}").headers["allow"] == "GET, HEAD, POST"


def test_every_operation_has_an_id_of_its_own_in_the_document(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    ids = [operation["operationId"] for methods in paths.values() for operation in methods.values()]
    assert len(ids) == len(set(ids))
