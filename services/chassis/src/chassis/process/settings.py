"""Settings from the environment, read once at start into a frozen object.

A setting is a field of a `Settings` struct; its environment variable is the field's name in capitals. Instead of
`NAME`, `NAME_FILE` may give the path of a file that holds the value, such as a mounted Kubernetes Secret.
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from chassis.process.access_settings import ALGORITHMS, Algorithm, Issuers, RoleSubjects
from chassis.validation import plain_errors
from chassis.validation.unique_names import RepeatedName, require_unique_names

SECRET = {"secret": True}
"""Marks a setting whose value must not appear in messages: `Meta(extra=SECRET)`."""


PathPrefix = Annotated[
    str,
    Meta(
        pattern=r"^(/[A-Za-z0-9._-]+)*$",
        description="Path of the service on the Ingress; requests are accepted with it and without it",
    ),
]


HOST_NAME = r"(\*|(\*\.)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"

HostNames = Annotated[
    str,
    Meta(
        pattern=rf"^({HOST_NAME}(, *{HOST_NAME})*)?\Z",
        description="Host names that a request may have in its Host header, without ports and separated by commas;"
        " `*.lab.example` is every name below `lab.example`, `*` is any name",
    ),
]


def known_zone(name: str) -> None:
    """Check the name of a time zone.

    Raises:
        ValueError: there is no such zone in the IANA time zone database.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            "There is no such time zone. Use a name of the IANA time zone database, such as Europe/Amsterdam"
        ) from error


TimeZone = Annotated[
    str,
    Meta(
        extra={"check": known_zone},
        pattern=r"^[A-Za-z0-9+_-]+(/[A-Za-z0-9+_-]+)*\Z",
        description="Time zone of the times on pages, such as `Europe/Amsterdam`. The API always uses UTC",
    ),
]

Link = Annotated[
    str,
    Meta(
        pattern=r"^(/[A-Za-z0-9._-]+|https?://[A-Za-z0-9._:\[\]-]+)(/[A-Za-z0-9._-]+)*\Z",
    ),
]
"""Path on the same host, or URL, without a slash at the end."""

CLOSE = 0.85
"""Similarity, from 0 to 1, from which an unknown name counts as a misspelling of a setting."""


class SettingsError(Exception):
    """One or more settings are missing or malformed; the message names each."""


class _Malformed(Exception):
    """The text of a setting cannot be converted to its type; the message says why."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of every service."""

    host: Annotated[str, Meta(description="Address to listen on; `::` is every IPv6 and IPv4 address")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0 chooses a free port")] = 8000
    allowed_hosts: HostNames = ""
    path_prefix: PathPrefix = ""
    public_origin: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[A-Za-z0-9._:\[\]-]+)?\Z",
            description="Scheme and host under which browsers reach the service, such as `https://lab.example`. Only"
            " pages of this origin may send requests that change something. If empty, pages from the host in the"
            " request's Host header may",
        ),
    ] = ""
    time_zone: TimeZone = "UTC"
    status_link: Annotated[
        Link, Meta(description="Where links to the pages of status lead: a path or a URL")
    ] = "/status"
    inventory_link: Annotated[
        Link, Meta(description="Where links to the pages of inventory lead: a path or a URL")
    ] = "/inventory"
    balances_link: Annotated[
        Link, Meta(description="Where links to the pages of balances lead: a path or a URL")
    ] = "/balances"
    access: Annotated[
        Literal["open", "token"],
        Meta(
            description="`token`: callers need a token or a session; `open`: everybody may do everything, for trials"
            " on one machine"
        ),
    ] = "token"
    access_open_to_network: Annotated[
        bool,
        Meta(
            description="Confirm `ACCESS=open` on an address that other machines can reach: everybody who reaches it"
            " may do everything"
        ),
    ] = False
    access_issuers: Issuers = ()
    access_audience: Annotated[
        str, Meta(min_length=1, description="Audience that tokens must have, if their issuer names no other")
    ] = "benchtop"
    access_algorithms: Annotated[
        Sequence[Algorithm],
        Meta(
            min_length=1,
            description="Algorithms of signatures that are accepted, as JSON. A key that names no algorithm is used"
            " with the first one that suits it",
        ),
    ] = ALGORITHMS
    access_max_token_seconds: Annotated[
        int, Meta(ge=60, description="Longest lifetime of a token that is accepted, from `iat` to `exp`")
    ] = 86_400
    access_authorizer: Annotated[
        Literal["roles", "kubernetes"],
        Meta(
            description="What decides what a caller may do: the roles in ACCESS_ROLES, or the RBAC of the cluster"
        ),
    ] = "roles"
    access_roles: RoleSubjects = {}
    access_namespace: Annotated[
        str, Meta(description="Namespace in which the cluster is asked what a caller may do")
    ] = ""
    access_cluster_dir: Annotated[
        str,
        Meta(
            description="Folder with `token` and `ca.crt`, with which the service asks the cluster for its keys and"
            " what a caller may do"
        ),
    ] = "/var/run/secrets/benchtop/cluster"
    access_session_keys_file: Annotated[
        str,
        Meta(
            description="File with the keys of sessions, one in each line: the first signs, the first two verify. It is"
            " read again when it changes. If it is empty, or as long as there is no such file, browsers cannot sign in"
        ),
    ] = ""
    access_signed_out_urls: Annotated[
        Sequence[Annotated[str, Meta(pattern=r"^https?://[A-Za-z0-9._:\[\]-]+(/[A-Za-z0-9._-]+)*/?\Z")]],
        Meta(
            description="URLs of services that are asked every few seconds which sessions have signed out, as JSON; of"
            " a host name with several addresses, each address is asked"
        ),
    ] = ()
    metrics_port: Annotated[
        Annotated[int, Meta(ge=0, le=65535)] | None,
        Meta(
            description="Port for `/metrics`, at the same addresses; 0 chooses a free port. If it is not set, there are"
            " no metrics"
        ),
    ] = None
    log_format: Annotated[
        Literal["json", "console"], Meta(description="`json` for programs, `console` for people")
    ] = "json"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="Least severe level that is logged")
    ] = "info"
    commit_file: Annotated[
        str, Meta(description="File with the Git commit that the image was built from, for `/metadata`")
    ] = "/app/commit"
    keep_alive_seconds: Annotated[
        int,
        Meta(
            ge=1,
            description="How long an idle connection is kept open. It must be longer than the idle timeout of the proxy"
            " in front of the service (nginx: 60, Traefik: 90, cloud load balancers: up to 600). Otherwise the proxy"
            " may send a request on a connection that was just closed",
        ),
    ] = 120
    drain_seconds: Annotated[
        float,
        Meta(
            ge=0,
            description=(
                "How long the service continues to accept requests after SIGTERM, while readiness fails,"
                " before it stops listening"
            ),
        ),
    ] = 0.0
    shutdown_seconds: Annotated[
        int, Meta(ge=1, description="How long requests in flight may take after that")
    ] = 20
    max_body_bytes: Annotated[int, Meta(ge=1, description="Largest request body that is accepted")] = (
        1024 * 1024
    )


class DatabaseSettings(Settings, frozen=True, kw_only=True):
    """Settings of a service with a database."""

    database_url: Annotated[
        str, Meta(min_length=1, extra=SECRET, description="PostgreSQL connection URL (15 or newer)")
    ]
    migrate_on_start: Annotated[bool, Meta(description="Migrate the schema when the service starts")] = True
    migration_wait_seconds: Annotated[
        float,
        Meta(
            ge=0,
            description="How long to retry a migration while other sessions hold the locks that it needs",
        ),
    ] = 300.0
    database_pool_size: Annotated[
        int, Meta(ge=1, le=100, description="Number of connections in the pool")
    ] = 4
    database_wait_seconds: Annotated[
        float, Meta(ge=0, description="How long to wait for the database when the service starts")
    ] = 60.0
    database_timeout_seconds: Annotated[
        float,
        Meta(
            gt=0,
            le=3600,
            description="Timeout of a statement, and of waiting for a connection; half of it is the timeout of locks",
        ),
    ] = 5.0


class Setting(msgspec.Struct, frozen=True):
    """One setting, for the documentation."""

    name: str
    description: str
    default: object
    required: bool
    secret: bool


T = TypeVar("T", bound=Settings)


def describe(kind: type[Settings]) -> Iterator[Setting]:
    """The settings in `kind`, in the order of its fields."""
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
    """Read the settings of `kind`. An empty variable counts as not set.

    Raises:
        SettingsError: settings are missing or malformed; the message names all of them.
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


def misspelt(environ: Mapping[str, str], *kinds: type[Settings]) -> Iterator[tuple[str, str]]:
    """Environment variables that may be misspelt settings, each with the setting that was probably meant."""
    names = list(dict.fromkeys(setting.name for kind in kinds for setting in describe(kind)))
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
        _Malformed: the text cannot be converted.
    """
    info = msgspec.inspect.type_info(kind)
    inner = info.type if isinstance(info, msgspec.inspect.Metadata) else info
    kinds = inner.types if isinstance(inner, msgspec.inspect.UnionType) else (inner,)
    if any(isinstance(one, STRUCTURED) for one in kinds):
        return _decode(text, kind, info)
    check = (info.extra or {}).get("check") if isinstance(info, msgspec.inspect.Metadata) else None
    try:
        value = msgspec.convert(text, kind, strict=False)
        if check is not None:
            check(value)
    except msgspec.ValidationError as error:
        raise _Malformed(plain_errors.in_plain_words(str(error), kind, strict=False)) from error
    except ValueError as error:
        raise _Malformed(str(error)) from error
    return value


STRUCTURED = (msgspec.inspect.DictType, msgspec.inspect.ListType, msgspec.inspect.StructType)
"""The types whose values are JSON."""


def _decode(text: str, kind: object, info: msgspec.inspect.Type) -> object:
    meta = info if isinstance(info, msgspec.inspect.Metadata) else None
    examples = (meta.extra_json_schema or {}).get("examples") if meta else None
    example = f". Example of a valid value: {json.dumps(examples[0])}" if examples else ""
    noun = str(((meta.extra if meta else None) or {}).get("member", ""))
    try:
        require_unique_names(text.encode())
        return msgspec.json.decode(text, type=kind)
    except RepeatedName as error:
        raise _Malformed(f"{error.name!r} is in it twice") from error
    except (json.JSONDecodeError, msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        if isinstance(error, msgspec.ValidationError):
            where, what = _located(error, json.loads(text), kind, noun)
            ending = (
                example
                if what.startswith(("The value must be an object", "The value must be a list"))
                else ""
            )
            raise _Malformed((f"{where}: " if where else "") + what + ending) from error
        said = str(error).partition(" (char ")[0]
        raise _Malformed(f"It is not JSON: {said}{example}") from error


def _located(error: msgspec.ValidationError, members: object, kind: object, noun: str) -> tuple[str, str]:
    """The place of the error in a structured setting, such as `bank 'main', field 'url'`, and the error there.

    msgspec does not name the member of a mapping, so each member is converted by itself.
    """
    outer = list(plain_errors.types_at(msgspec.inspect.type_info(kind), ()))
    name = ""
    if isinstance(members, dict) and any(isinstance(one, msgspec.inspect.DictType) for one in outer):
        for one, member in members.items():
            try:
                msgspec.convert({one: member}, kind)
            except msgspec.ValidationError as again:
                name, error = one, again
                break
    what, _, path = str(error).partition(" - at `")
    if path.startswith("key` in"):
        return f"{noun} {name!r}".lstrip(), plain_errors.in_plain_words(what, kind, [plain_errors.KEY])
    steps = re.findall(STEP, path)
    words = [
        f"item {int(step) + 1}" if step.isdigit() else f"field {step!r}" for step in steps if step != "..."
    ]
    if name:
        words.insert(0, f"{noun} {name!r}".lstrip())
    elif noun and steps and steps[0].isdigit():
        words[0] = words[0].replace("item", noun)
    return ", ".join(words), plain_errors.in_plain_words(what, kind, steps)


STEP = r"(?<=\.)[^.\[\]`]+|(?<=\[)(?:\d+|\.\.\.)(?=\])"
"""A step of a path of msgspec, such as `$[...].url` or `$[0].url`: a field, a position, or any member of a mapping."""
