"""The times of the demo data are believable, whenever and wherever it is inserted."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from local.demo_lab.times import RECENT, happened, registered

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WEDNESDAY_NOON = dt.datetime(2026, 7, 15, 12, tzinfo=AMSTERDAM)
SPRING_FORWARD = dt.datetime(2026, 3, 29, 1, 2, tzinfo=dt.UTC)
"""Two minutes after 02:00 became 03:00 in Amsterdam."""


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Tue 09:15:00", 14),
        ("Wed 07:59:00", 15),
        ("Wed 08:01:00", 8),  # less than four hours ago
        ("Wed 23:00:00", 8),
        ("Thu 09:15:00", 9),
    ],
)
def test_a_weekday_and_time_is_the_last_one_that_is_not_recent(text: str, date: int) -> None:
    moment = happened(text, WEDNESDAY_NOON.astimezone(dt.UTC), AMSTERDAM)
    time = dt.time.fromisoformat(text.partition(" ")[2])
    assert moment == dt.datetime.combine(dt.date(2026, 7, date), time, AMSTERDAM)


@pytest.mark.parametrize("hours", range(0, 168, 7))
def test_each_weekday_and_time_happened_in_the_week_before_the_recent_hours(hours: int) -> None:
    now = SPRING_FORWARD + dt.timedelta(hours=hours)
    for weekday in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"):
        moment = happened(f"{weekday} 14:30:00", now, AMSTERDAM)
        assert moment.strftime("%a %H:%M") == f"{weekday} 14:30"
        assert dt.timedelta(hours=-1) <= now - RECENT - moment < dt.timedelta(days=7, hours=1)
        assert moment <= now - RECENT


def test_minutes_ago_are_elapsed_minutes_also_when_clocks_change() -> None:
    assert happened("6 min ago", SPRING_FORWARD, AMSTERDAM) == SPRING_FORWARD - dt.timedelta(minutes=6)


def test_rows_were_created_during_working_hours_in_the_zone_of_the_lab() -> None:
    zone = ZoneInfo("Asia/Tokyo")
    times = [registered(position, 300, (600, 2), WEDNESDAY_NOON, zone) for position in range(300)]
    assert {moment.weekday() for moment in times} == {0, 1, 2, 3, 4}
    assert {moment.hour for moment in times} == set(range(9, 17))
    assert [moment.date() for moment in times] == sorted(moment.date() for moment in times)
    assert times[0].date() == dt.date(2024, 11, 22)
    assert times[-1] < WEDNESDAY_NOON
