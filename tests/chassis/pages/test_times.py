"""Times on pages: in the lab's zone, with the instant in UTC at hand."""

import datetime as dt

import pytest

from chassis.pages.times import Times, date, length

INSTANT = dt.datetime(2026, 11, 26, 10, 19, 49, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "26 Nov 2026, 10:19 UTC"),
        ("Europe/Amsterdam", "26 Nov 2026, 11:19 CET"),
        ("Pacific/Auckland", "26 Nov 2026, 23:19 NZDT"),
        ("America/Sao_Paulo", "26 Nov 2026, 07:19 -03"),
    ],
)
def test_a_time_is_shown_in_the_zone_of_the_lab(zone: str, shown: str) -> None:
    assert Times(zone).time(INSTANT) == (
        f'<time datetime="2026-11-26T10:19:49Z" title="2026-11-26 10:19:49 UTC">{shown}</time>'
    )


def test_summer_time_is_applied_to_the_instant_and_not_to_today() -> None:
    summer = dt.datetime(2026, 7, 1, 10, 0, tzinfo=dt.UTC)
    assert "12:00 CEST" in Times("Europe/Amsterdam").time(summer)


def test_no_time_is_a_dash() -> None:
    assert Times("UTC").time(None) == Times("UTC").ago(None) == "–"  # noqa: RUF001  a dash is meant


def test_a_date_has_no_zone() -> None:
    assert date(dt.date(2013, 12, 2)) == '<time datetime="2013-12-02">2 Dec 2013</time>'


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "0 seconds"),
        (0, "0 seconds"),
        (1, "1 second"),
        (59.9, "59 seconds"),
        (60, "1 minute"),
        (3599, "59 minutes"),
        (7200, "2 hours"),
        (86_400, "1 day"),
        (864_000, "10 days"),
    ],
)
def test_a_length_of_time_has_its_largest_unit(seconds: float, shown: str) -> None:
    assert length(dt.timedelta(seconds=seconds)) == shown
