"""Times of the demo data, computed from the time of the first start, so that the data is never old.

People do things during their working hours, so the times are in the lab's time zone.
"""

import datetime as dt
from zoneinfo import ZoneInfo

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

RECENT = dt.timedelta(hours=4)
"""Events with a weekday happened at least this long ago. Later events are written as minutes before the start."""

OPENING_HOUR = 9
WORKING_MINUTES = 480


def happened(text: str, now: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The time of an event: `Mon 09:02:45` is the last one before `RECENT`; `6 min ago` is relative to now."""
    first, _, rest = text.partition(" ")
    if rest == "min ago":
        return now - dt.timedelta(minutes=int(first))
    latest = (now - RECENT).astimezone(zone)
    date = latest.date() - dt.timedelta(days=(latest.weekday() - WEEKDAYS.index(first)) % 7)
    time = dt.time.fromisoformat(rest)
    moment = dt.datetime.combine(date, time, zone)
    return moment if moment <= latest else dt.datetime.combine(date - dt.timedelta(days=7), time, zone)


def registered(
    position: int, count: int, days: tuple[int, int], now: dt.datetime, zone: ZoneInfo
) -> dt.datetime:
    """When a row was created: the rows are spread over working days.

    Args:
        position: position of the row among `count` rows.
        count: number of rows.
        days: how many days before now the first and the last row were created; at least 2.
        now: the time of the start.
        zone: the lab's time zone.
    """
    first, last = days
    date = now.astimezone(zone).date() - dt.timedelta(days=first - (first - last) * position // count)
    date -= dt.timedelta(days=max(date.weekday() - WEEKDAYS.index("Fri"), 0))
    minutes = position * 47 % WORKING_MINUTES
    return dt.datetime.combine(date, dt.time(OPENING_HOUR + minutes // 60, minutes % 60), zone)
