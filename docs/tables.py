"""Writes the tables of settings, metrics, routes and permissions into the documents, from the code.

python docs/tables.py            write the tables
python docs/tables.py --check    list the documents that are out of date, and exit with status 1
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

import balances.app
import balances.permissions
import balances.settings
import inventory.app
import inventory.permissions
import inventory.settings
import inventory.worker
import local.settings
import status.app
import status.permissions
from chassis.access.permissions import ROLES, Need, Resource, permissions_of
from chassis.process.settings import DatabaseSettings, Settings, describe
from chassis.web.operations import Operation

HERE = Path(__file__).parent
NOWHERE = "postgresql://nowhere"


def settings_tables() -> Mapping[str, str]:
    """For docs/settings.md: a table of the shared settings, and one of the other settings of each service."""
    kinds: Mapping[str, tuple[type[Settings], type[Settings] | None]] = {
        "every service": (Settings, None),
        "a service with a database": (DatabaseSettings, Settings),
        "status": (status.app.StatusSettings, Settings),
        "inventory": (inventory.settings.InventorySettings, DatabaseSettings),
        "balances": (balances.settings.BalancesSettings, DatabaseSettings),
        "make run": (local.settings.LocalSettings, Settings),
    }
    return {name: "\n".join(_settings(*pair)) for name, pair in kinds.items()}


def _settings(kind: type[Settings], known: type[Settings] | None) -> Iterator[str]:
    yield "| variable | default | meaning |"
    yield "| --- | --- | --- |"
    inherited = {(one.name, str(one.default)) for one in (describe(known) if known else ())}
    for one in describe(kind):
        if (one.name, str(one.default)) not in inherited:
            yield f"| `{one.name}` | {'required' if one.required else _default(one.default)} | {one.description} |"


def _default(value: object) -> str:
    """The default of a setting, as the environment variable would have it; empty if there is none."""
    if value in ("", None, (), {}):
        return ""
    return f"`{json.dumps(value) if isinstance(value, tuple | list | dict) else value}`"


def applications() -> Mapping[str, Starlette]:
    """Each service's application, with its defaults."""
    return {
        "status": status.app.create(status.app.StatusSettings(access="open")),
        "inventory": inventory.app.create(
            inventory.settings.InventorySettings(access="open", database_url=NOWHERE)
        ),
        "inventory worker": inventory.worker.create(
            inventory.settings.InventorySettings(access="open", database_url=NOWHERE)
        ),
        "balances": balances.app.create(
            balances.settings.BalancesSettings(access="open", database_url=NOWHERE)
        ),
    }


def metrics_tables() -> Mapping[str, str]:
    """For docs/metrics.md."""
    apps = applications()
    lines = {name: set(_metrics(app.state.registry)) for name, app in apps.items()}
    common = lines["status"]
    databases = lines["inventory"] & lines["inventory worker"] & lines["balances"] - common
    tables = {"every service": common, "a service with a database": databases} | {
        name: own for name, found in lines.items() if (own := found - common - databases)
    }
    return {name: "\n".join([*HEADER, *sorted(found)]) for name, found in tables.items()}


HEADER = ("| metric | type | meaning |", "| --- | --- | --- |")


def _metrics(registry: CollectorRegistry) -> Iterator[str]:
    for family in registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        yield f"| `{name}` | {family.type} | {family.documentation} |"


def api_tables() -> Mapping[str, str]:
    """For docs/api.md."""
    return {
        name: "\n".join(_operations(app.state.operations))
        for name, app in applications().items()
        if name != "inventory worker"
    }


def _operations(operations: Sequence[Operation]) -> Iterator[str]:
    yield "| request | needs | does |"
    yield "| --- | --- | --- |"
    for one in operations:
        does = f"{one.summary}{f'. {one.description}' if one.description else ''}"
        yield f"| `{one.method} {one.path}` | {_need(one.needs)} | {does} |"


def _need(need: Need) -> str:
    if isinstance(need, str):
        return {"nothing": "", "identity": "to be signed in"}[need]
    return " and ".join(f"{one.verb} {one.resource}" for one in permissions_of(need))


RESOURCES: Mapping[str, Sequence[Resource]] = {
    "status": status.permissions.RESOURCES,
    "inventory": inventory.permissions.RESOURCES,
    "balances": balances.permissions.RESOURCES,
}


def access_tables() -> Mapping[str, str]:
    """For docs/access.md: what each role adds to those before it, by verb and by resource."""
    return {"roles": "\n".join(_roles()), "permissions": "\n".join(_permissions())}


def _roles() -> Iterator[str]:
    yield "| role | may do, besides what the roles above it may do |"
    yield "| --- | --- |"
    permissions = [
        one for resources in RESOURCES.values() for each in resources for one in each.permissions.values()
    ]
    for role in ROLES:
        resources: dict[str, list[str]] = {}
        for one in permissions:
            if one.role == role:
                resources.setdefault(one.verb, []).append(one.resource)
        added = "; ".join(f"{verb} {', '.join(names)}" for verb, names in resources.items())
        yield f"| `{role}` | {added} |"


def _permissions() -> Iterator[str]:
    yield f"| service | resource | {' | '.join(ROLES)} |"
    yield f"| --- | --- |{' --- |' * len(ROLES)}"
    for service, resources in RESOURCES.items():
        for resource in resources:
            verbs = [
                ", ".join(one.verb for one in resource.permissions.values() if one.role == role)
                for role in ROLES
            ]
            yield f"| {service} | `{resource.name}` | {' | '.join(verbs)} |"


DOCUMENTS: Mapping[str, Callable[[], Mapping[str, str]]] = {
    "settings.md": settings_tables,
    "metrics.md": metrics_tables,
    "api.md": api_tables,
    "access.md": access_tables,
}


def filled(text: str, tables: Mapping[str, str]) -> str:
    """Insert each table between its markers in the document."""
    for name, table in tables.items():
        start, end = f"<!-- table: {name} -->\n", "<!-- end -->"
        before, found, rest = text.partition(start)
        if not found:
            raise SystemExit(f"the marker {start.strip()!r} is missing")
        text = before + start + table + "\n" + end + rest.partition(end)[2]
    return text


def main() -> int:
    """Write or check the tables, and return the exit status."""
    stale = []
    for name, tables in DOCUMENTS.items():
        path = HERE / name
        old = path.read_text(encoding="utf-8")
        new = filled(old, tables())
        if new != old:
            stale.append(f"docs/{name}")
            if "--check" not in sys.argv:
                path.write_text(new, encoding="utf-8")
    if stale and "--check" in sys.argv:
        print(f"Out of date: {', '.join(stale)}. Run: make docs", file=sys.stderr)  # noqa: T201  a command
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
