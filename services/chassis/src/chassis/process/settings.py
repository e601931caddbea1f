"""Settings from the environment, read once at start into a frozen object.

A setting is a field of a `Settings` struct; its variable is the field's name in capitals. `NAME_FILE` names a
file that holds the value instead, as Kubernetes mounts secrets.
"""

import difflib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from chassis.validation import plain_errors
from chassis.validation.unique_names import Repeated, require_unique_names

SECRET = {"secret": True}
"""Marks a setting whose value no message may repeat: `Meta(extra=SECRET)`."""


PathPrefix = Annotated[
    str,
    Meta(
        pattern=r"^(/[A-Za-z0-9._-]+)*$",
        description="Path under which the ingress shows the service; it answers with and without it",
    ),
]


HOST_NAME = r"(\*|(\*\.)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"

HostNames = Annotated[
    str,
    Meta(
        pattern=rf"^({HOST_NAME}(, *{HOST_NAME})*)?\Z",
        description="Names in a request's Host header that are answered, with commas between and without ports;"
        " `*.lab.example` is every name below that one, `*` is any",
    ),
]

CLOSE = 0.85
"""How alike two names are, from 0 to 1, if one may be meant for the other."""


class SettingsError(Exception):
    """One or more settings are missing or malformed; the message names each."""


class _Malformed(Exception):
    """The text of a setting is not of its type."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What every service can be told."""

    host: Annotated[
        str, Meta(description="Address to listen on; `::` is every address, of IPv6 and of IPv4")
    ] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0 takes a free one")] = 8000
    allowed_hosts: HostNames = ""
    path_prefix: PathPrefix = ""
    log_format: Annotated[
        Literal["json", "console"], Meta(description="`json` for machines, `console` for people")
    ] = "json"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="Least severe level written")
    ] = "info"
    commit_file: Annotated[
        str, Meta(description="File with the commit the image was built from, for `/metadata`")
    ] = "/app/commit"
    keep_alive_seconds: Annotated[
        int,
        Meta(
            ge=1,
            description="How long an idle connection is kept: longer than whatever is in front of the service keeps it,"
            " which then never sends a request on one that was just closed"
            " (nginx: 60, Traefik: 90, cloud load balancers: up to 600)",
        ),
    ] = 120
    drain_seconds: Annotated[
        float,
        Meta(ge=0, description="How long after SIGTERM to go on serving, unready, before closing"),
    ] = 0.0
    shutdown_seconds: Annotated[
        int, Meta(ge=1, description="How long requests in flight may take to finish after that")
    ] = 20
    max_body_bytes: Annotated[int, Meta(ge=1, description="Largest request body taken")] = 1024 * 1024


class DatabaseSettings(Settings, frozen=True, kw_only=True):
    """What a service with a database can also be told."""

    database_url: Annotated[
        str, Meta(min_length=1, extra=SECRET, description="PostgreSQL connection URL (15 or newer)")
    ]
    migrate_on_start: Annotated[
        bool, Meta(description="Bring the schema up to date before anything else")
    ] = True
    migration_wait_seconds: Annotated[
        float,
        Meta(ge=0, description="How long to try when others hold the locks that a migration needs"),
    ] = 300.0
    database_pool_size: Annotated[int, Meta(ge=1, le=100, description="Connections kept open")] = 4
    database_wait_seconds: Annotated[
        float, Meta(ge=0, description="How long to wait for the database at start")
    ] = 60.0
    database_timeout_seconds: Annotated[
        float,
        Meta(
            gt=0,
            le=3600,
            description="How long a request may wait for a connection, or a statement run; half of it for a lock",
        ),
    ] = 5.0


class Setting(msgspec.Struct, frozen=True):
    """One setting, as documented."""

    name: str
    description: str
    default: object
    required: bool
    secret: bool


T = TypeVar("T", bound=Settings)


def describe(kind: type[Settings]) -> Iterator[Setting]:
    """The settings that `kind` reads, in the order of its fields."""
    for field in msgspec.structs.fields(kind):
        info = msgspec.inspect.type_info(field.type)
        meta = info if isinstance(info, msgspec.inspect.Metadata) else None
        yield Setting(
            field.name.upper(),
            str((meta.extra_json_schema or {}).get("description", "")) if meta else "",
            None if field.required else _default(field),
            field.required,
            bool(((meta.extra if meta else None) or {}).get("secret")),
        )


def read(kind: type[T], environ: Mapping[str, str]) -> T:
    """Read the settings of `kind`; an empty variable counts as unset.

    Raises:
        SettingsError: naming every setting that is missing or malformed.
    """
    values: dict[str, object] = {}
    problems: list[str] = []
    secret = {setting.name for setting in describe(kind) if setting.secret}
    for field in msgspec.structs.fields(kind):
        name = field.name.upper()
        try:
            text = _text(name, environ)
            if text is not None:
                values[field.name] = _convert(text, field.type)
            elif field.required:
                problems.append(_missing(name, environ))
        except OSError as error:
            problems.append(f"{name}_FILE cannot be read: {error}")
        except _Malformed as error:
            given = "" if name in secret else f" (it is {environ.get(name, 'in a file')!r})"
            problems.append(f"{name} is malformed: {error}{given}")
    if problems:
        raise SettingsError("; ".join(problems))
    return msgspec.convert(values, kind)


def misspelt(kind: type[Settings], environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Variables that look like a setting and are none, each with the setting that it looks like."""
    names = [setting.name for setting in describe(kind)]
    known = {name for setting in names for name in (setting, f"{setting}_FILE")}
    for name in sorted(set(environ) - known):
        family = [one for one in names if one.partition("_")[0] == name.partition("_")[0] != name]
        if like := difflib.get_close_matches(name, known, n=1, cutoff=CLOSE):
            yield name, like[0]
        elif len(family) > 1:
            yield name, f"one of {', '.join(family)}"


def _default(field: msgspec.structs.FieldInfo) -> object:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def _text(name: str, environ: Mapping[str, str]) -> str | None:
    if environ.get(name):
        return environ[name]
    if path := environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip() or None
    return None


def _missing(name: str, environ: Mapping[str, str]) -> str:
    if path := environ.get(f"{name}_FILE"):
        return f"{name}_FILE names a file with nothing in it: {path}"
    return f"{name} is not set (or {name}_FILE, naming a file that holds it)"


def _convert(text: str, kind: object) -> object:
    """The value of a setting.

    Raises:
        _Malformed: it cannot be had; the message says why.
    """
    info = msgspec.inspect.type_info(kind)
    inner = info.type if isinstance(info, msgspec.inspect.Metadata) else info
    if isinstance(inner, msgspec.inspect.DictType | msgspec.inspect.ListType | msgspec.inspect.StructType):
        return _decode(text, kind, info)
    try:
        return msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _Malformed(plain_errors.in_plain_words(str(error), kind, strict=False)) from error


def _decode(text: str, kind: object, info: msgspec.inspect.Type) -> object:
    meta = info if isinstance(info, msgspec.inspect.Metadata) else None
    examples = (meta.extra_json_schema or {}).get("examples") if meta else None
    example = f". An example of what is right: {json.dumps(examples[0])}" if examples else ""
    noun = str(((meta.extra if meta else None) or {}).get("member", ""))
    try:
        require_unique_names(text.encode())
        return msgspec.json.decode(text, type=kind)
    except Repeated as error:
        raise _Malformed(f"{error.name!r} is in it twice") from error
    except (json.JSONDecodeError, msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        if isinstance(error, msgspec.ValidationError):
            where, what = _located(error, json.loads(text), kind)
            ending = example if what.startswith("The value must be an object") else ""
            place = f"{noun} {where}: ".lstrip() if where else ""
            raise _Malformed(place + what + ending) from error
        said = str(error).partition(" (char ")[0]
        raise _Malformed(f"It is not JSON: {said}{example}") from error


def _located(error: msgspec.ValidationError, members: object, kind: object) -> tuple[str, str]:
    """Where a structured setting is wrong, such as `'bank', field 'deadline'`, and what is wrong there.

    msgspec leaves the names of a mapping's members out, so each is tried by itself.
    """
    name = ""
    if isinstance(members, dict):
        for one, member in members.items():
            try:
                msgspec.convert({one: member}, kind)
            except msgspec.ValidationError as again:
                name, error = one, again
                break
    what, _, path = str(error).partition(" - at `")
    if path.startswith("key` in"):
        return repr(name), plain_errors.in_plain_words(what, kind)
    place = path.rstrip("`").removeprefix("$").removeprefix("[...]").removeprefix(".")
    steps = [name, *place.split(".")] if place else [name]
    field = f", field {place.removesuffix('[...]')!r}" if place else ""
    return (f"{name!r}{field}" if name else ""), plain_errors.in_plain_words(what, kind, steps)
