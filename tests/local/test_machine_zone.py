"""The time zone of the machine is found by its name."""

from pathlib import Path

import pytest

from local.machine_zone import find


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """A machine's /etc, with nothing in it."""
    return tmp_path


def link(etc: Path, target: str) -> None:
    (etc / "localtime").symlink_to(target)


@pytest.mark.parametrize(
    "value",
    ["Asia/Tokyo", ":Asia/Tokyo", "/usr/share/zoneinfo/Asia/Tokyo", ":/usr/share/zoneinfo/Asia/Tokyo"],
)
def test_tz_names_the_zone(etc: Path, value: str) -> None:
    link(etc, "/usr/share/zoneinfo/Europe/Amsterdam")
    assert find({"TZ": value}, etc) == "Asia/Tokyo"


@pytest.mark.parametrize(
    "target",
    [
        "/usr/share/zoneinfo/Europe/Amsterdam",
        "../usr/share/zoneinfo/Europe/Amsterdam",
        "/var/db/timezone/zoneinfo/Europe/Amsterdam",  # macOS
    ],
)
def test_the_link_localtime_names_the_zone(etc: Path, target: str) -> None:
    link(etc, target)
    (etc / "timezone").write_text("Asia/Tokyo\n")
    assert find({}, etc) == "Europe/Amsterdam"


@pytest.mark.parametrize("value", ["", "CET-1CEST", ":/etc/localtime", "../zone", "Nowhere/City"])
def test_a_tz_that_names_no_zone_is_skipped(etc: Path, value: str) -> None:
    link(etc, "/usr/share/zoneinfo/Europe/Amsterdam")
    assert find({"TZ": value}, etc) == "Europe/Amsterdam"


def test_the_file_timezone_names_the_zone_if_localtime_is_a_copy(etc: Path) -> None:
    (etc / "localtime").write_bytes(b"TZif2")
    (etc / "timezone").write_text("Asia/Tokyo\n")
    assert find({}, etc) == "Asia/Tokyo"


def test_a_machine_whose_zone_has_no_name_is_in_utc(etc: Path) -> None:
    (etc / "localtime").write_bytes(b"TZif2")
    (etc / "timezone").write_bytes(b"\xff\n")
    assert find({}, etc) == "UTC"
