"""Times on pages: in the time zone of the lab, with the UTC instant in the element `<time>`."""

import datetime as dt
from zoneinfo import ZoneInfo

from markupsafe import Markup

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NEVER = Markup("–")  # noqa: RUF001  a dash is meant


class Times:
    """Formats times in one time zone, such as `Europe/Amsterdam`."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)

    def time(self, instant: dt.datetime | None) -> Markup:
        """The HTML of an instant, such as `26 Nov 2026, 11:19 CET`; a dash for None."""
        if instant is None:
            return NEVER
        local = instant.astimezone(self.zone)
        return _element(instant, f"{local.day} {local:%b %Y, %H:%M %Z}")

    def ago(self, instant: dt.datetime | None) -> Markup:
        """The HTML of the time since an instant, such as `3 minutes ago`; a dash for None."""
        if instant is None:
            return NEVER
        return _element(instant, f"{length(dt.datetime.now(dt.UTC) - instant)} ago")

    def today(self) -> dt.date:
        """The date in the time zone."""
        return dt.datetime.now(self.zone).date()


def date(day: dt.date) -> Markup:
    """The HTML of a date, such as `26 Nov 2026`."""
    return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), f"{day.day} {day:%b %Y}")


def length(time: dt.timedelta) -> str:
    """A length of time in its largest unit, such as `3 minutes`; that of a negative length is `0 seconds`."""
    seconds = max(0, int(time.total_seconds()))
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= unit:
            return _plural(seconds // unit, name)
    return _plural(seconds, "second")


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _element(instant: dt.datetime, text: str) -> Markup:
    utc = instant.astimezone(dt.UTC)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        f"{utc:%Y-%m-%dT%H:%M:%SZ}", f"{utc:%Y-%m-%d %H:%M:%S} UTC", text
    )
