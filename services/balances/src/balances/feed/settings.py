"""A feed as configuration: where its pages are, in which currency, and how patiently to read it."""

import re
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from balances.errors import UsageError
from balances.ledger.iso4217 import minor_digits

Seconds = Annotated[float, Meta(gt=0, le=3600)]
Count = Annotated[int, Meta(ge=1)]


class FeedSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be said of a feed.

    `url` is a base (pages are BASE/1.json, BASE/2.json, …), a template with `{page}` in it, or a directory with
    such files. Times are in seconds.
    """

    url: str
    currency: str = "CAD"
    deadline: Seconds = 60.0
    """For the whole reading, repetitions included."""
    connect_timeout: Seconds = 5.0
    read_timeout: Seconds = 10.0
    window: Annotated[int, Meta(ge=1, le=100)] = 8
    """Pages asked for at the same time."""
    attempts: Annotated[int, Meta(ge=1, le=100)] = 5
    """How often one page is asked for before the feed counts as unreachable."""
    retry_500: bool = False
    """Whether 500 is a passing fault, as 429, 502, 503 and 504 always are."""
    recheck: bool = True
    """Whether page 1 is read again at the end, to notice a feed that moved meanwhile."""
    max_pages: Count = 10_000
    max_page_bytes: Count = 16 * 1024 * 1024
    """Most bytes of one page, after inflating."""
    max_bytes: Count = 48 * 1024 * 1024
    """Most bytes of all pages together, after inflating; the memory that a refresh takes depends on it."""
    allow_repeated_pages: bool = False
    """Whether a page may have the same rows as another, or begin with those that the page before ended with."""
    min_interval: Annotated[float, Meta(ge=0, le=86400)] = 60.0
    """How long after one reading began the next may be requested over HTTP; the command is not bound to it."""
    aliases: dict[str, str] = {}
    """What to call a vendor, by its clean name."""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: which msgspec turns into a ValidationError where it decodes.
        """
        try:
            minor_digits(self.currency)
        except UsageError as error:
            raise ValueError(str(error)) from None
        for name, alias in self.aliases.items():
            if self.aliases.get(alias, alias) != alias:
                raise ValueError(
                    f"the alias {alias!r} of {name!r} has an alias itself; name the last one directly"
                )
        if not self.url:
            raise ValueError("its url is empty")
        if "://" in self.url:
            self._check_address()

    def _check_address(self) -> None:
        for position, character in enumerate(self.url, 1):
            if character.isspace() or not character.isprintable():
                raise ValueError(
                    f"its url has {character!r} as character {position};"
                    " an address has no spaces and no control characters"
                )
        try:
            parts = urlsplit(self.url)
            port = parts.port
        except ValueError as error:
            raise ValueError(f"its url cannot be one: {error}") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
            raise ValueError("its url needs http:// or https://, a host, and a port of 1 to 65535 if any")


class Feed(FeedSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A paged feed of transactions."""

    name: str = ""

    @property
    def remote(self) -> bool:
        """Whether pages come by HTTP, and not from a directory."""
        return "://" in self.url

    @property
    def digits(self) -> int:
        """Digits after the point that amounts have."""
        return minor_digits(self.currency)

    @property
    def title(self) -> str:
        """Its name, or its address without what may be secret."""
        return self.name or _without_secrets(self.url)

    def page_url(self, page: int) -> str:
        """The address of a page, counted from 1."""
        if "{page}" in self.url:
            return self.url.replace("{page}", str(page))
        parts = urlsplit(self.url)
        return parts._replace(path=f"{parts.path.rstrip('/')}/{page}.json").geturl()


def make_feed(url: str, **settings: object) -> Feed:
    """A feed out of options that a person gave; those that are None take their default.

    Raises:
        UsageError: naming what makes no sense.
    """
    given = {name: value for name, value in settings.items() if value is not None}
    try:
        return msgspec.convert({"url": url, **given}, Feed)
    except msgspec.ValidationError as error:
        detail, field = str(error), ""
        if found := _AT_FIELD.match(detail):
            detail, field = found[1], f", field {found[2]}"
            detail += f"; it is {given.get(found[2])!r}"
        raise UsageError(f"feed {_without_secrets(url)}{field}: {detail}") from error


_AT_FIELD = re.compile(r"^(.*) - at `\$\.(\w+)`$", re.DOTALL)


def _without_secrets(url: str) -> str:
    """An address without what may be secret in it: user, password and query; a directory as it is."""
    if "://" not in url:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return "with that url"
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"
