"""Settings of a feed: where its pages are, its currency, and the limits for reading it."""

import re
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from balances.errors import UsageError
from balances.ledger.iso4217 import minor_digits
from chassis.validation.patterns import NAME

Seconds = Annotated[float, Meta(gt=0, le=3600)]
Count = Annotated[int, Meta(ge=1)]
FeedName = Annotated[str, Meta(pattern=NAME)]
"""Name of a configured feed."""


class FeedSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a feed.

    `url` is a base address (the pages are at BASE/1.json, BASE/2.json, and so on), an address that contains `{page}`,
    or a directory with such files. Times are in seconds.
    """

    url: str
    currency: str = "CAD"
    deadline: Seconds = 60.0
    """For reading the whole feed, retries included."""
    connect_timeout: Seconds = 5.0
    read_timeout: Seconds = 10.0
    window: Annotated[int, Meta(ge=1, le=100)] = 8
    """Maximum number of requests for pages that are under way at the same time."""
    attempts: Annotated[int, Meta(ge=1, le=100)] = 5
    """Maximum number of requests for one page before the feed counts as unreachable."""
    retry_500: bool = False
    """Whether to retry after status 500, as is always done after 429, 502, 503 and 504."""
    recheck: bool = True
    """Whether to read page 1 again at the end, to notice a feed that changed while it was read."""
    max_pages: Count = 10_000
    max_page_bytes: Count = 16 * 1024 * 1024
    """Maximum number of bytes of one page, after inflating."""
    max_bytes: Count = 48 * 1024 * 1024
    """Maximum number of bytes of all pages together, after inflating; the memory that a refresh needs depends on it."""
    allow_repeated_pages: bool = False
    """Whether a page may have the same rows as another, or begin with the last rows of the page before it."""
    min_interval: Annotated[float, Meta(ge=0, le=86400)] = 60.0
    """Shortest time from the start of one refresh to the next over HTTP; the command `refresh` ignores it."""
    aliases: dict[str, str] = {}
    """The name to show for a vendor, by its clean name."""

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            ValueError: a setting is invalid; when decoding, msgspec turns it into a ValidationError.
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
            raise ValueError(f"its url is invalid: {error}") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
            raise ValueError("its url needs http:// or https://, a host, and a port of 1 to 65535 if any")


class Feed(FeedSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A feed: its settings and its name.

    The name is the one in the settings. A feed that was given on the command line has none, so its address serves as
    its name, without the parts that may be secret.
    """

    name: str

    @property
    def remote(self) -> bool:
        """Whether the pages are fetched over HTTP, and not read from a directory."""
        return "://" in self.url

    @property
    def digits(self) -> int:
        """How many digits amounts have after the decimal point."""
        return minor_digits(self.currency)

    def page_url(self, page: int) -> str:
        """The address of a page; pages are counted from 1."""
        if "{page}" in self.url:
            return self.url.replace("{page}", str(page))
        parts = urlsplit(self.url)
        return parts._replace(path=f"{parts.path.rstrip('/')}/{page}.json").geturl()


def make_feed(url: str, **settings: object) -> Feed:
    """A feed with settings from the command line; settings that are None have their defaults.

    Raises:
        UsageError: a setting is invalid; the text names it.
    """
    given = {name: value for name, value in settings.items() if value is not None}
    try:
        return msgspec.convert({"url": url, "name": _without_secrets(url), **given}, Feed)
    except msgspec.ValidationError as error:
        detail, field = str(error), ""
        if found := re.match(r"(?s)^(.*) - at `\$\.(\w+)`$", detail):
            detail, field = found[1], f", field {found[2]}"
            detail += f"; it is {given.get(found[2])!r}"
        raise UsageError(f"feed {_without_secrets(url)}{field}: {detail}") from error


def _without_secrets(url: str) -> str:
    """An address without the parts that may be secret: user, password and query; a directory is unchanged."""
    if "://" not in url:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return "with an invalid url"
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"
