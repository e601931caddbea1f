"""The overview: how much the lab keeps."""

from starlette.testclient import TestClient


def test_the_overview_counts_what_the_lists_have(client: TestClient) -> None:
    client.patch("/v1/users/2", json={"active": False}, headers={"If-Match": "*"})
    overview = client.get("/v1/overview").json()
    for plural in ("sites", "freezers", "computers", "containers"):
        total = client.get(f"/v1/{plural}", params={"total": "true"}).json()["total"]
        assert (plural, overview[plural]) == (plural, total)
    assert overview["users"] == 1


def test_the_fullest_freezers_come_first_and_an_empty_one_has_none(client: TestClient) -> None:
    client.post("/v1/freezers", json={"name": "New", "site_id": 2})
    found = client.get("/v1/overview").json()["fullest_freezers"]
    assert [(one["name"], one["site_name"], one["containers"]) for one in found] == [
        ("-20C", "Site 1", 2),
        ("-40C", "Site 1", 1),
        ("New", "Site 2", 0),
    ]


def test_at_most_ten_freezers_are_named(client: TestClient) -> None:
    for number in range(12):
        client.post("/v1/freezers", json={"name": f"F{number}", "site_id": 1})
    overview = client.get("/v1/overview").json()
    assert (overview["freezers"], len(overview["fullest_freezers"])) == (14, 10)


def test_an_empty_lab_has_an_overview(empty: TestClient) -> None:
    assert empty.get("/v1/overview").json() == {
        "sites": 0,
        "freezers": 0,
        "computers": 0,
        "containers": 0,
        "users": 0,
        "fullest_freezers": [],
    }


def test_an_unchanged_overview_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/v1/overview").headers["etag"]
    assert client.get("/v1/overview", headers={"If-None-Match": tag}).status_code == 304
