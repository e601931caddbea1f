"""Writes values.schema.json and the table in the README of each chart, from the comments in values.yaml.

The schemas of a service's settings and of a feed come from the code of the services, and so does permissions.yaml: what
each role may do, as rules of Kubernetes' RBAC. k8s/access/role.yaml contains all of them.

    python charts/reference.py            write the files
    python charts/reference.py --check    list the files that are out of date, and exit with status 1

The comment above a value documents it: `# -- meaning`, which may continue on the next lines. `# @schema {...}` adds
JSON Schema keywords to its type. A mapping with such a comment is one value; a mapping without one contains values.

Every value is required. A value that is left empty (`podAnnotations:`) is null, and helm removes it, together with its
default, before it validates the schema. If the templates accept a missing value, its schema allows null:
`# @schema {"type": ["object", "null"]}`.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml
from msgspec import inspect

import balances.permissions
import inventory.permissions
import status.permissions
from balances.feed.settings import FeedSettings
from balances.ledger.iso4217 import MINOR_DIGITS
from balances.settings import BalancesSettings
from chassis.access.permissions import ROLES, Resource, Role, includes
from chassis.process.access_settings import Algorithm, Issuer, Subject
from chassis.process.settings import Settings
from inventory.settings import InventorySettings
from status.app import StatusSettings

HERE = Path(__file__).parent
SERVICES: Mapping[str, type[Settings]] = {
    "status": StatusSettings,
    "inventory": InventorySettings,
    "balances": BalancesSettings,
}
RESOURCES: Mapping[str, Sequence[Resource]] = {
    "status": status.permissions.RESOURCES,
    "inventory": inventory.permissions.RESOURCES,
    "balances": balances.permissions.RESOURCES,
}
CHARTS = (*SERVICES, "benchtop")
GROUP = "benchtop.dev"
"""API group of the resources in Roles. No API serves it; the services ask whether a caller has a permission."""

BEGIN, END = "<!-- values -->\n", "<!-- end -->\n"


LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
HOST = rf"(\*\.)?({LABEL}\.)*[a-z]([-a-z0-9]*[a-z0-9])?"  # not an IP address, whose last label begins with a digit
SIZE = r"^[0-9]+(\.[0-9]+)?(k|Ki|M|Mi|G|Gi|T|Ti)?$"
PORT = "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
URL = rf"^https?://([^\[\]/?#@: ]+|\[[0-9A-Fa-f:.]+\])(:({PORT}))?([/?][^ ]*)?$"

DEFINITIONS: dict[str, Any] = {
    "currency": {"type": "string", "pattern": f"^({'|'.join(sorted(MINOR_DIGITS))})$"},
    "host": {"type": "string", "maxLength": 253, "pattern": f"^{HOST}$"},
    "optionalHost": {"type": "string", "maxLength": 253, "pattern": f"^({HOST})?$"},
    "name": {"type": "string", "maxLength": 253, "pattern": f"^{LABEL}(\\.{LABEL})*$"},
    "optionalName": {"type": "string", "maxLength": 253, "pattern": f"^({LABEL}(\\.{LABEL})*)?$"},
    # Five fields; the cluster checks their contents
    "schedule": {
        "type": "string",
        "pattern": r"^(@[a-z]+( [0-9a-z.]+)?|[0-9A-Za-z*/,?-]+( +[0-9A-Za-z*/,?-]+){4})$",
    },
    "repository": {"type": "string", "pattern": "^[^@: ]+(:[0-9]+/[^@: ]+)?$"},  # without a tag or a digest
    "size": {"type": "string", "pattern": SIZE},
    # Both may also be numbers: half a CPU is 0.5 or "500m"
    "cpu": {"type": ["string", "number"], "minimum": 0, "pattern": r"^[0-9]+(\.[0-9]+)?m?$"},
    "memory": {"type": ["string", "integer"], "minimum": 0, "pattern": SIZE},
    "quantity": {
        "type": ["string", "number"],
        "minimum": 0,
        "pattern": r"^[0-9]+(\.[0-9]+)?([mkMGT]|[KMGT]i)?$",
    },
    "resources": {
        "type": "object",
        "required": ["requests", "limits"],
        "properties": {
            amount: {
                "type": "object",
                "required": required,
                "properties": {name: {"$ref": f"#/$defs/{name}"} for name in ("cpu", "memory")},
                "additionalProperties": {"$ref": "#/$defs/quantity"},
            }
            for amount, required in (("requests", ["cpu", "memory"]), ("limits", ["memory"]))
        },
        "additionalProperties": False,
    },
    "secretKey": {
        "type": "object",
        "required": ["secret", "key"],
        "properties": {"secret": {"$ref": "#/$defs/name"}, "key": {"type": "string", "minLength": 1}},
        "additionalProperties": False,
    },
}


def definitions(chart: str) -> dict[str, Any]:
    """The definitions that the schema of a chart may refer to."""
    kind = SERVICES.get(chart)
    found = DEFINITIONS | _access()
    return found if kind is None else found | {"feed": _feed()} | _settings(kind)


def _access() -> dict[str, Any]:
    """Definitions of the values of `access` that are passed on as they are."""
    return {
        "algorithm": msgspec.json.schema(Algorithm),
        "issuer": _for_helm(msgspec.json.schema(Issuer)["$defs"]["Issuer"]),
        "roles": {
            "type": ["object", "null"],
            "properties": {
                role: {"type": "array", "items": _for_helm(msgspec.json.schema(Subject))} for role in ROLES
            },
            "additionalProperties": False,
        },
    }


def _for_helm(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema whose patterns helm understands: in Go, `$` is the end of the text, and nothing else is."""
    found: dict[str, Any] = json.loads(json.dumps(schema).replace(r"\\Z", "$"))
    return found


def _settings(kind: type[Settings]) -> dict[str, Any]:
    """Definitions of `settings` and `secretSettings`: each setting by its name, and with the suffix `_FILE`."""
    fields = {field.name.upper(): field for field in msgspec.structs.fields(kind)}
    plain = {name: _setting(field.type) for name, field in fields.items()}
    files = {f"{name}_FILE": {"type": "string"} for name in fields}
    secrets = {name: {"$ref": "#/$defs/secretKey"} for name in (*plain, *files)}
    return {
        name: {"type": "object", "properties": properties, "additionalProperties": False}
        for name, properties in (("settings", plain | files), ("secretSettings", secrets))
    }


def _setting(kind: Any) -> dict[str, Any]:
    """The schema of a setting in YAML; a number or a boolean may be in quotes."""
    info = inspect.type_info(kind)
    meta = info if isinstance(info, inspect.Metadata) else None
    about = {"description": (meta.extra_json_schema or {}).get("description", "")} if meta else {}
    match meta.type if meta else info:
        case inspect.BoolType():
            return about | {"type": ["boolean", "string"]}
        case inspect.IntType() as number:
            return about | {"type": ["integer", "string"]} | _bounds(number)
        case inspect.FloatType() as number:
            return about | {"type": ["number", "string"]} | _bounds(number)
        case _:  # the chart's own values or the service check which words are allowed
            return about | {"type": "string"}


def _bounds(number: inspect.IntType | inspect.FloatType) -> dict[str, Any]:
    names = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
    return {name: bound for field, name in names.items() if (bound := getattr(number, field)) is not None}


def _feed() -> dict[str, Any]:
    """The schema of an entry of `feeds`: its name and its settings, without secrets."""
    settings = msgspec.json.schema(FeedSettings)["$defs"]["FeedSettings"]["properties"]
    return {
        "type": "object",
        "required": ["name", "url"],
        "properties": {
            "name": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"},
            **settings,
            "url": {"type": "string", "pattern": URL},  # without a password
            "currency": {"$ref": "#/$defs/currency"},
        },
        "additionalProperties": False,
    }


class Value(NamedTuple):
    """One documented value."""

    path: tuple[str, ...]
    default: Any
    meaning: str
    schema: Mapping[str, Any]


def values(chart: str) -> list[Value]:
    """The values of a chart: first its own, then the imported ones."""
    own = list(_documented(HERE / chart / "values.yaml"))
    shared = {value.path: value for value in _documented(HERE / "common" / "values.yaml")}
    metadata = yaml.safe_load((HERE / chart / "Chart.yaml").read_text())
    imports = [name for one in metadata["dependencies"] for name in one.get("import-values", ())]
    imported = (
        value._replace(path=path[2:])
        for name in imports
        for path, value in shared.items()
        if path[:2] == ("exports", name)
    )
    return own + [value for value in imported if value.path not in {one.path for one in own}]


def _documented(file: Path) -> Iterator[Value]:
    text = file.read_text()
    root = yaml.compose(text)
    if isinstance(root, yaml.MappingNode):
        yield from _walk((), root, text.splitlines())


def _walk(path: tuple[str, ...], node: yaml.MappingNode, lines: Sequence[str]) -> Iterator[Value]:
    for key, child in node.value:
        here = (*path, str(key.value))
        comment = _comment(lines, key.start_mark.line)
        if comment:
            meaning, schema = comment
            default = yaml.safe_load(yaml.serialize(child))
            yield Value(here, default, meaning, schema)
        elif isinstance(child, yaml.MappingNode):
            yield from _walk(here, child, lines)
        else:
            sys.exit(f"The value {'.'.join(here)} is not documented: write `# -- meaning` above it.")


def _comment(lines: Sequence[str], line: int) -> tuple[str, Mapping[str, Any]] | None:
    block: list[str] = []
    while line and lines[line - 1].strip().startswith("#"):
        line -= 1
        block.insert(0, lines[line].strip().removeprefix("#").strip())
    starts = [number for number, text in enumerate(block) if text.startswith("-- ")]
    if not starts:
        return None
    block = block[starts[-1] :]
    meaning = " ".join(text for text in block if not text.startswith("@schema")).removeprefix("-- ")
    extra = [json.loads(text.removeprefix("@schema")) for text in block if text.startswith("@schema")]
    return meaning, extra[0] if extra else {}


TYPES = {bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}


def schema(chart: str) -> str:
    """The values.schema.json of a chart. It allows only the values, `global`, `enabled` and the dependencies."""
    root: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
    needed: dict[str, Any] = {}
    for value in values(chart):
        node = root
        for name in value.path[:-1]:
            node = node["properties"].setdefault(
                name, {"type": "object", "properties": {}, "additionalProperties": False}
            )
        kind: dict[str, Any] = {} if "$ref" in value.schema else {"type": TYPES[type(value.default)]}
        node["properties"][value.path[-1]] = kind | {"description": value.meaning} | dict(value.schema)
        _require(needed, value.path if "null" not in value.schema.get("type", ()) else value.path[:-1])
    metadata = yaml.safe_load((HERE / chart / "Chart.yaml").read_text())
    for brought in (one["name"] for one in metadata["dependencies"]):
        root["properties"][brought] = {"type": "object"}  # the dependency has a schema of its own
    root["properties"].setdefault("global", {"type": "object"}).pop("additionalProperties", None)
    root["properties"]["enabled"] = {"type": "boolean"}
    # `helm lint` also validates values.yaml alone, without the values of `common`
    root |= {"if": {"required": ["common"]}, "then": needed}
    head = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"Values of the chart {chart}",
    }
    return (
        json.dumps(head | root | {"$defs": _used(root, definitions(chart))}, indent=2, ensure_ascii=False)
        + "\n"
    )


def _used(root: Any, known: Mapping[str, Any]) -> Mapping[str, Any]:
    """The definitions that a schema refers to, directly or through others."""
    names: set[str] = set()
    while True:
        asking = json.dumps([root, *(known[name] for name in names)])
        found = {name for name in known if f'"#/$defs/{name}"' in asking}
        if found == names:
            return {name: one for name, one in known.items() if name in names}
        names = found


def _require(node: dict[str, Any], path: Sequence[str]) -> None:
    for depth, name in enumerate(path):
        names = node.setdefault("required", [])
        if name not in names:
            names.append(name)
        if depth + 1 < len(path):
            node = node.setdefault("properties", {}).setdefault(name, {})


def readme(chart: str) -> str:
    """The README.md of a chart with a new table of values."""
    text = (HERE / chart / "README.md").read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = "\n".join(_row(value) for value in values(chart))
    return f"{before}{BEGIN}| value | default | meaning |\n| --- | --- | --- |\n{rows}\n{END}{after}"


def _row(value: Value) -> str:
    default = json.dumps(value.default, ensure_ascii=False)
    cells = [f"`{'.'.join(value.path)}`", f"`{default}`", value.meaning]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def rules(resources: Sequence[Resource], role: Role) -> list[dict[str, list[str]]]:
    """The rules of RBAC for a role; resources with the same verbs share a rule."""
    by_verbs: dict[tuple[str, ...], list[str]] = {}
    for resource in resources:
        verbs = tuple(verb for verb, one in resource.permissions.items() if includes(role, one.role))
        if verbs:
            by_verbs.setdefault(verbs, []).append(resource.name)
    return [
        {"apiGroups": [GROUP], "resources": names, "verbs": list(verbs)} for verbs, names in by_verbs.items()
    ]


def permissions(chart: str) -> str:
    """The permissions.yaml of a service's chart: the rules of each role."""
    found = {role: _lines(rules(RESOURCES[chart], role), 2) for role in ROLES}
    head = f"# What each role may do in {chart}. `make docs` writes this file from permissions.py of the service.\n"
    return head + "".join(f"{role}:\n{lines}" for role, lines in found.items())


def cluster_role() -> str:
    """The ClusterRole with all permissions of all services."""
    everything = [rule for resources in RESOURCES.values() for rule in rules(resources, "admin")]
    return f"""\
# All permissions in Benchtop. `make docs` writes this file from permissions.py of the services.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: benchtop-access
  labels:
    rbac.authorization.k8s.io/aggregate-to-admin: "true"
rules:
{_lines(everything, 2)}"""


def _lines(items: Sequence[Mapping[str, Sequence[str]]], indent: int) -> str:
    texts = [", ".join(f"{name}: [{', '.join(value)}]" for name, value in item.items()) for item in items]
    return "".join(f"{' ' * indent}- {{{text}}}\n" for text in texts)


def files() -> Iterator[tuple[Path, str]]:
    """Every file that this program writes, with its content."""
    for chart in CHARTS:
        yield HERE / chart / "values.schema.json", schema(chart)
        yield HERE / chart / "README.md", readme(chart)
    for chart in SERVICES:
        yield HERE / chart / "permissions.yaml", permissions(chart)
    yield HERE.parent / "k8s/access/role.yaml", cluster_role()


def main() -> None:
    """Write the files, or check them with --check."""
    stale = []
    for file, text in files():
        if sys.argv[1:] != ["--check"]:
            file.write_text(text)
        elif not file.exists() or file.read_text() != text:
            stale.append(str(file.relative_to(HERE.parent)))
    if stale:
        sys.exit(f"Out of date: {', '.join(stale)}. Run `make docs`, and commit the result.")


if __name__ == "__main__":
    main()
