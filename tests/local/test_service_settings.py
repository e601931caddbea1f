"""The settings in the environment reach the services and the worker."""

from pathlib import Path

import pytest

from chassis.process.settings import SettingsError, read
from local.app import settings_of_status
from local.service_settings import ServiceSettings, of_worker, read_all
from local.settings import LocalSettings


def services(**environ: str) -> ServiceSettings:
    return read_all(read(LocalSettings, environ), environ)


def test_a_setting_of_one_service_reaches_it() -> None:
    found = services(NOTIFY_ON_EVENT="false", INVENTORY_URL="http://127.0.0.1:1")
    assert found.inventory.notify_on_event is False
    assert found.status.inventory_url == "http://127.0.0.1:1"


def test_the_portal_requests_the_services_of_the_same_server() -> None:
    found = settings_of_status(services().status, "http://[::1]:8000")
    assert found.inventory_url == "http://[::1]:8000/inventory"
    assert found.balances_url == "http://[::1]:8000/balances"


def test_the_portal_requests_another_address_that_is_set() -> None:
    given = services(INVENTORY_URL="http://127.0.0.1:1", BALANCES_URL="http://127.0.0.1:2").status
    found = settings_of_status(given, "http://127.0.0.1:8000")
    assert (found.inventory_url, found.balances_url) == ("http://127.0.0.1:1", "http://127.0.0.1:2")


def test_a_metrics_port_is_refused_because_the_services_share_a_process() -> None:
    with pytest.raises(SettingsError, match=r"METRICS_PORT.*no metrics"):
        services(METRICS_PORT="9000")


def test_a_setting_of_services_with_a_database_reaches_both() -> None:
    found = services(DATABASE_POOL_SIZE="2")
    assert (found.inventory.database_pool_size, found.balances.database_pool_size) == (2, 2)


def test_a_setting_of_a_service_can_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "size"
    file.write_text("3\n")
    assert services(DATABASE_POOL_SIZE_FILE=str(file)).inventory.database_pool_size == 3


def test_a_setting_of_every_service_reaches_all() -> None:
    assert {one.public_origin for one in services(PUBLIC_ORIGIN="https://lab.example")} == {
        "https://lab.example"
    }


def test_defaults_of_the_local_run_replace_those_of_the_services() -> None:
    found = services()
    assert {one.log_level for one in found} == {"warning"}
    assert found.inventory.database_wait_seconds == 10


def test_the_paths_of_the_services_are_those_of_the_ingress() -> None:
    assert [one.path_prefix for one in services(PATH_PREFIX="/lab")] == ["/status", "/inventory", "/balances"]


def test_a_malformed_setting_of_a_service_is_named() -> None:
    with pytest.raises(SettingsError, match=r"DATABASE_POOL_SIZE is malformed: .*'lots'"):
        services(DATABASE_POOL_SIZE="lots")


def test_time_zone_is_the_zone_of_the_pages() -> None:
    assert {one.time_zone for one in services(TIME_ZONE="Asia/Tokyo", TZ="America/Lima")} == {"Asia/Tokyo"}


def test_without_time_zone_the_pages_are_in_the_zone_of_the_machine() -> None:
    assert {one.time_zone for one in services(TZ="America/Lima")} == {"America/Lima"}


def test_an_unknown_time_zone_is_named() -> None:
    with pytest.raises(SettingsError, match="TIME_ZONE is malformed: There is no such time zone"):
        services(TIME_ZONE="Europe/Atlantis")


def test_the_worker_gets_its_settings_but_neither_the_port_nor_the_database_of_the_server() -> None:
    given = {"WORKER_LISTEN": "0", "DATABASE_TIMEOUT_SECONDS_FILE": "seconds"}
    others = {"PORT": "1", "HOST": "::", "DATABASE_URL_FILE": "url", "FEEDS": "{}", "HOME": "/", "DEMO": "0"}
    assert of_worker({**given, **others}) == given
