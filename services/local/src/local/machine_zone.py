"""The time zone of this machine, by its name in the IANA time zone database."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from chassis.process.settings import known_zone

DATABASE = "zoneinfo/"
"""Folder of the IANA database in the path that a link or TZ names, whatever the system."""


def find(environ: Mapping[str, str], etc: Path = Path("/etc")) -> str:
    """The name of the zone from TZ, `/etc/localtime` or `/etc/timezone`; `UTC` if none of them names one."""
    for name in _candidates(environ, etc):
        with suppress(ValueError):
            known_zone(name)
            return name
    return "UTC"


def _candidates(environ: Mapping[str, str], etc: Path) -> Iterator[str]:
    yield _name(environ.get("TZ", "").removeprefix(":"))
    with suppress(OSError):  # there is no such file, or it is no link
        yield _name(str((etc / "localtime").readlink()))
    with suppress(OSError, UnicodeDecodeError):
        yield (etc / "timezone").read_text(encoding="utf-8").strip()


def _name(path: str) -> str:
    return path.rpartition(DATABASE)[2]
