"""The behaviour of the last older program, through the Ingress: sites and instruments; and the image's commands."""

from collections.abc import Iterator

import httpx
import pytest
from tests.e2e.cluster import Cluster
from tests.e2e.commands import command
from tests.e2e.ingress import answered
from tests.e2e.release import Release

SITE_1 = {
    "id": 1,
    "name": "Site 1",
    "contact": "John Smith",
    "address": "123 Muffin Lane, Ann Arbor",
    "state_or_region": "MI",
    "country": "USA",
    "postcode_or_zip": "48103",
}
BODIES: dict[str, dict[str, object]] = {
    "site": {"name": "Site 9"},
    "freezer": {"name": "-80C", "site_id": 1},
    "computer": {"name": "Computer 9", "mac": "08:00:2b:01:02:09", "site_id": 1},
    "container": {
        "uuid": "7d444840-9dc0-11d1-b245-5ffdce74fad2",
        "description": "Box",
        "freezer_id": 1,
    },
}
EACH_KIND = pytest.mark.parametrize("kind", BODIES)


@pytest.fixture(autouse=True, scope="module")
def example_data(cluster: Cluster, release: Release, ingress: httpx.Client) -> Iterator[None]:
    """Recreate the schema while the other pods are stopped, as the README requires, and insert the example data."""
    release.scale("inventory", 0)
    release.scale("inventory", 0, "worker")
    release.wait()
    command(cluster, release, "recreate-db", "--yes")
    command(cluster, release, "seed")
    release.scale("inventory", 2)
    release.scale("inventory", 1, "worker")
    release.wait()
    answered(ingress, "/inventory/health")
    yield
    for path in ("container", "computer", "freezer", "site"):
        release.sql(f"delete from inventory.{path} where id > 3")


@pytest.mark.parametrize("path", ["/inventory/sites", "/inventory/sites/"])
def test_every_site_is_listed(ingress: httpx.Client, path: str) -> None:
    sites = ingress.get(path).json()
    assert sites[0] == SITE_1
    assert [(site["id"], site["name"]) for site in sites] == [(1, "Site 1"), (2, "Site 2"), (3, "Site 3")]


def test_a_slice_of_the_sites_is_by_id(ingress: httpx.Client) -> None:
    assert [site["id"] for site in ingress.get("/inventory/sites/1/2").json()] == [2, 3]


def test_one_site_is_read_and_an_unknown_one_is_404(ingress: httpx.Client) -> None:
    assert ingress.get("/inventory/site/1").json() == SITE_1
    assert ingress.get("/inventory/site/99").status_code == 404


@EACH_KIND
def test_post_creates_and_changes_and_delete_removes(ingress: httpx.Client, kind: str) -> None:
    path, body = f"/inventory/{kind}/9", BODIES[kind]
    made = ingress.post(path, json=body)
    assert (made.status_code, made.json()["id"]) == (200, 9)
    assert body.items() <= made.json().items()
    field = "description" if kind == "container" else "name"
    changed = ingress.post(path, json={field: "Changed"})
    assert (changed.status_code, changed.json()) == (200, {**made.json(), field: "Changed"})
    assert ingress.get(path).json() == changed.json()
    assert changed.json() in ingress.get(f"/inventory/{kind}s").json()
    assert ingress.delete(path).status_code == 200
    assert ingress.delete(path).status_code == 404
    assert ingress.get(path).status_code == 404


def test_a_number_where_text_is_meant_is_taken_as_its_text(ingress: httpx.Client) -> None:
    answer = ingress.post("/inventory/site/2", json={"site_id": 2, "postcode_or_zip": 48104})
    assert (answer.status_code, answer.json()["postcode_or_zip"]) == (200, "48104")


def test_another_id_in_the_body_is_refused(ingress: httpx.Client) -> None:
    assert ingress.post("/inventory/site/2", json={"site_id": 3}).status_code == 400


@pytest.mark.parametrize("path", ["/inventory/site/1", "/inventory/freezer/1"])
def test_what_something_refers_to_is_not_removed(ingress: httpx.Client, path: str) -> None:
    assert ingress.delete(path).status_code == 400
    assert ingress.get(path).status_code == 200


def test_a_mac_address_twice_is_refused(ingress: httpx.Client) -> None:
    mac = ingress.get("/inventory/computer/1").json()["mac"]
    body = {"name": "Twin", "mac": mac, "site_id": 1}
    assert ingress.post("/inventory/computer/9", json=body).status_code == 400
    assert ingress.get("/inventory/computer/9").status_code == 404


def test_what_is_malformed_is_400(ingress: httpx.Client) -> None:
    answer = ingress.post("/inventory/site/2", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/inventory/instruments", "/inventory/instruments/"])
def test_instruments_are_computers_and_freezers_with_their_sites(ingress: httpx.Client, path: str) -> None:
    assert [
        (one["computer_id"], one["freezer_id"], one["name"], one["site_id"], one["site_name"])
        for one in ingress.get(path).json()
    ] == [
        (1, None, "Computer 1", 1, "Site 1"),
        (2, None, "Computer 2", 1, "Site 1"),
        (None, 1, "-20C", 1, "Site 1"),
        (None, 2, "-40C", 1, "Site 1"),
    ]


def test_responses_are_compressed_for_clients_that_accept_gzip(ingress: httpx.Client) -> None:
    answer = ingress.get("/inventory/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"


def test_the_shell_answers_sql_in_a_running_pod(cluster: Cluster, release: Release) -> None:
    pod = release.pod("inventory")
    given = 'print(sql("select name from site order by id"))\n'
    said = cluster.run_in(pod, release.namespace, "inventory", "shell", given=given)
    assert "Site 1" in said


def test_psql_reads_the_tables_as_they_are_called(release: Release) -> None:
    assert release.sql("select name from inventory.freezer order by id") == "-20C\n-40C"
