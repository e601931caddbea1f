"""What `make run` can be told."""

from typing import Annotated, Literal

from msgspec import Meta

from balances.feed.settings import FeedName, FeedSettings
from chassis.process.settings import SECRET, Settings


class LocalSettings(Settings, frozen=True, kw_only=True):
    """Settings of the local run; what the services take themselves, they get from here."""

    log_format: Annotated[
        Literal["json", "console"], Meta(description="`json` for machines, `console` for people")
    ] = "console"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="Least severe level written")
    ] = "warning"
    shutdown_seconds: Annotated[
        int, Meta(ge=1, description="How long requests in flight may take to finish after that")
    ] = 2
    demo: Annotated[
        bool,
        Meta(
            description="Put example data into a schema that was just made, and read the demo feed if there is no other"
        ),
    ] = True
    feeds: Annotated[
        dict[FeedName, FeedSettings],
        Meta(
            extra=SECRET,  # an address may have a token in it
            description="Feeds for balances by name, as JSON, in place of the demo feed",
        ),
    ] = {}  # noqa: RUF012  msgspec copies it
    local_dir: Annotated[str, Meta(min_length=1, description="Folder in which the data stays")] = ".local"
    database_url: Annotated[
        str | None,
        Meta(extra=SECRET, description="PostgreSQL to use instead of an embedded one"),
    ] = None
    database_wait_seconds: Annotated[
        float, Meta(ge=0, description="How long to wait for the database at start")
    ] = 10.0
