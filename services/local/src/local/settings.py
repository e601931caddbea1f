"""Settings of the local run (`make run`)."""

from typing import Annotated, Literal

from msgspec import Meta

from balances.feed.settings import FeedName, FeedSettings
from balances.settings import FEEDS, FEEDS_EXAMPLE
from chassis.process.settings import SECRET, Settings, TimeZone


class LocalSettings(Settings, frozen=True, kw_only=True):
    """Settings of the local run. Those that the services have too are passed on to them."""

    access: Annotated[
        Literal["open", "token"],
        Meta(
            description="`open`: everybody who reaches it may do everything; `token`: callers need a token or a session"
        ),
    ] = "open"
    log_format: Annotated[
        Literal["json", "console"], Meta(description="`json` for programs, `console` for people")
    ] = "console"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="Least severe level that is logged")
    ] = "warning"
    shutdown_seconds: Annotated[
        int, Meta(ge=1, description="How long requests in flight may take after that")
    ] = 2
    time_zone: Annotated[
        TimeZone,
        Meta(
            description="Time zone of the times on pages; if empty, the zone of this machine, or UTC if it has no name",
        ),
    ] = ""
    demo: Annotated[
        bool,
        Meta(
            description="Insert demo data when the schema is created, and read the demo feed if FEEDS names no other"
        ),
    ] = True
    feeds: Annotated[
        dict[FeedName, FeedSettings],
        Meta(
            extra=FEEDS,
            examples=[FEEDS_EXAMPLE],
            description="Feeds of balances by name, as JSON; they replace the demo feed",
        ),
    ] = {}  # noqa: RUF012  msgspec copies it
    local_dir: Annotated[str, Meta(min_length=1, description="Folder for the data")] = ".local"
    database_url: Annotated[
        str | None,
        Meta(
            extra=SECRET,
            description="Connection URL of a PostgreSQL server to use instead of the embedded one",
        ),
    ] = None
    database_wait_seconds: Annotated[
        float, Meta(ge=0, description="How long to wait for the database when the services start")
    ] = 10.0
