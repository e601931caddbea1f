"""The behaviour of the first two older programs, through the Ingress: a greeting, and balances from a paged feed."""

import httpx
import pytest
from tests.e2e import outside
from tests.e2e.cluster import Cluster, Object, condition, kubectl
from tests.e2e.conftest import Target
from tests.e2e.release import Release
from tests.e2e.waiting import NotYet, until

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
DAILY = """\
2013-12-12   -227.35
2013-12-13  -1456.93
2013-12-15  -1462.32
2013-12-16  -6037.85
2013-12-17   4648.43
2013-12-18   2807.14
2013-12-19  22560.45
2013-12-20  18505.85
2013-12-21  18487.87
2013-12-22  18377.16
total       18377.16
""".splitlines()


@pytest.mark.parametrize("path", ["/", "/status", "/status/"])
def test_clients_that_do_not_accept_html_receive_the_exact_greeting(ingress: httpx.Client, path: str) -> None:
    answer = ingress.get(path)
    assert (answer.status_code, answer.content) == (200, b"Hello World!\n")
    assert answer.headers["content-type"].startswith("text/plain")


def test_a_browser_gets_the_portal(ingress: httpx.Client) -> None:
    answer = ingress.get("/", headers={"Accept": BROWSER})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "All services work." in answer.text  # the portal has requested the other services


@pytest.mark.parametrize("path", ["/health", "/status/health"])
def test_health_is_ok_to_the_byte(ingress: httpx.Client, path: str) -> None:
    answer = ingress.get(path)
    assert (answer.status_code, answer.content) == (200, b"OK\n")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("path", ["/metadata", "/status/metadata"])
def test_metadata_says_which_commit_the_image_was_built_from(ingress: httpx.Client, path: str) -> None:
    about = ingress.get(path).json()
    assert about["app_name"] == "status"
    assert about["description"]
    assert about["version"]
    assert about["last_commit_sha"] not in {"", "Development", "Unknown/Error"}


@pytest.mark.parametrize("path", ["/", "/health", "/metadata"])
def test_only_get_and_head_are_allowed(ingress: httpx.Client, path: str) -> None:
    head = ingress.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = ingress.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/metrics", "/status/metrics", "/inventory/metrics", "/balances/metrics"])
def test_no_metrics_pass_the_ingress(ingress: httpx.Client, path: str) -> None:
    assert ingress.get(path).status_code == 404


def test_a_one_shot_container_prints_the_daily_balances_and_the_total_and_goes(
    cluster: Cluster, images: Target, elsewhere: str, feed_url: str
) -> None:
    done = run_once(cluster, images, elsewhere, "daily", "--feed", feed_url)
    assert done["status"]["phase"] == "Succeeded"
    assert cluster.logs(done["metadata"]["name"], elsewhere) == DAILY


def test_another_status_than_200_or_404_is_an_error_and_never_an_end(
    cluster: Cluster, images: Target, elsewhere: str, feed_url: str
) -> None:
    done = run_once(cluster, images, elsewhere, "total", "--feed", f"{feed_url}/failing")
    (container,) = done["status"]["containerStatuses"]
    assert container["state"]["terminated"]["exitCode"] == 4
    (line,) = cluster.logs(done["metadata"]["name"], elsewhere)
    assert "/failing, page 2: HTTP status 500" in line


def run_once(cluster: Cluster, images: Target, namespace: str, *arguments: str) -> Object:
    name = f"balances-{arguments[0]}"
    cluster.create(outside.pod(name, images.image("balances"), ["balances", *arguments]), namespace)
    return cluster.wait_for_pod(name, namespace, "Succeeded", "Failed")


def test_a_request_reads_the_feed_and_the_balances_are_those_of_its_38_transactions(
    ingress: httpx.Client,
) -> None:
    proof = ingress.post("/balances/v1/refresh").raise_for_status().json()["proof"]
    assert (proof["pages"], proof["rows"], proof["complete"]) == (4, 38, True)
    total = ingress.get("/balances/v1/balances/total").json()
    assert (total["total"], total["currency"]) == ("18377.16", "CAD")
    days = ingress.get("/balances/v1/balances/daily").json()["items"]
    assert [[day["date"], day["balance"]] for day in days] == [line.split() for line in DAILY[:-1]]


def test_vendors_repeats_and_categories_are_listed(ingress: httpx.Client) -> None:
    categories = ingress.get("/balances/v1/categories").json()["items"]
    assert {one["name"]: one["total"] for one in categories}["Office Expense"] == "-701.67"
    transactions = ingress.get("/balances/v1/transactions", params={"category": "Office Expense"}).json()
    assert len(transactions["items"]) == 3
    assert len(ingress.get("/balances/v1/repeats").json()["items"]) == 2
    vendors = ingress.get("/balances/v1/vendors").json()["items"]
    assert "APPLE STORE" in {one["clean"] for one in vendors}


def test_a_manual_trigger_refreshes_the_feed(cluster: Cluster, release: Release) -> None:
    cron = f"cronjob/{release.fullname('balances', 'refresh')}"
    kubectl("create", "job", "by-hand", "-n", release.namespace, f"--from={cron}")

    def look() -> None:
        if not condition(cluster.get("Job", "by-hand", release.namespace), "Complete"):
            raise NotYet(kubectl("describe", "job", "by-hand", "-n", release.namespace))

    until("the job is complete", look, seconds=60)


def test_the_schedule_refreshes_the_feed(cluster: Cluster, release: Release) -> None:
    def look() -> None:
        cron = cluster.get("CronJob", release.fullname("balances", "refresh"), release.namespace)
        if not cron["status"].get("lastSuccessfulTime"):
            raise NotYet(str(cron["status"]))

    until("the CronJob, due every minute, has succeeded", look, seconds=100)
