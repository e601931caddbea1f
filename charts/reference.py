"""Writes the charts' values.schema.json, and the tables in their READMEs, from the comments in values.yaml.

    python charts/reference.py            write them
    python charts/reference.py --check    say which are out of date, and exit with status 1

A value is documented by the comment above it: `# -- what it means`, going on in further lines. `# @schema {...}` adds
what JSON Schema says of it beyond its type. A mapping so documented is one value; any other holds values.

Every value is required, for one that is left empty (`podAnnotations:`) is null, and helm takes a null, with the default
that it stands for, away before it looks at the schema. Where templates know what that means, the value says so:
`# @schema {"type": ["object", "null"]}`.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from balances.iso4217 import MINOR_DIGITS

HERE = Path(__file__).parent
CHARTS = ("status", "inventory", "balances", "benchtop")
BEGIN, END = "<!-- values -->\n", "<!-- end -->\n"


LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
HOST = rf"(\*\.)?({LABEL}\.)*[a-z]([-a-z0-9]*[a-z0-9])?"  # the last label of an address begins with a digit
SIZE = r"^[0-9]+(\.[0-9]+)?(k|Ki|M|Mi|G|Gi|T|Ti)?$"

DEFINITIONS: dict[str, Any] = {
    "currency": {"type": "string", "pattern": f"^({'|'.join(sorted(MINOR_DIGITS))})$"},
    "host": {"type": "string", "maxLength": 253, "pattern": f"^{HOST}$"},
    "optionalHost": {"type": "string", "maxLength": 253, "pattern": f"^({HOST})?$"},
    "name": {"type": "string", "maxLength": 253, "pattern": f"^{LABEL}(\\.{LABEL})*$"},
    "optionalName": {"type": "string", "maxLength": 253, "pattern": f"^({LABEL}(\\.{LABEL})*)?$"},
    # Five fields; whether they hold what they may, the cluster says
    "schedule": {
        "type": "string",
        "pattern": r"^(@[a-z]+( [0-9a-z.]+)?|[0-9A-Za-z*/,?-]+( +[0-9A-Za-z*/,?-]+){4})$",
    },
    "repository": {"type": "string", "pattern": "^[^@: ]+(:[0-9]+/[^@: ]+)?$"},  # no tag, no digest
    "size": {"type": "string", "pattern": SIZE},
    # Both are numbers, too: half a CPU is 0.5 or "500m"
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
}


class Value(NamedTuple):
    """One documented value."""

    path: tuple[str, ...]
    default: Any
    meaning: str
    schema: Mapping[str, Any]


def values(chart: str) -> list[Value]:
    """The values of a chart: its own, then those that it imports."""
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
            sys.exit(f"The value {'.'.join(here)} is not documented: write `# -- what it means` above it.")


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
    """The chart's values.schema.json: closed, but open to `global`, `enabled` and the charts it brings."""
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
        root["properties"][brought] = {"type": "object"}  # its own schema has the say
    root["properties"] |= {"global": {"type": "object"}, "enabled": {"type": "boolean"}}
    # `helm lint` also looks at values.yaml alone, to which the values of `common` are yet to come
    root |= {"if": {"required": ["common"]}, "then": needed}
    head = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"Values of the chart {chart}",
    }
    asking = json.dumps([root, DEFINITIONS["resources"]])  # which every chart has
    used = {name: one for name, one in DEFINITIONS.items() if f'"#/$defs/{name}"' in asking}
    return json.dumps(head | root | {"$defs": used}, indent=2, ensure_ascii=False) + "\n"


def _require(node: dict[str, Any], path: Sequence[str]) -> None:
    for depth, name in enumerate(path):
        names = node.setdefault("required", [])
        if name not in names:
            names.append(name)
        if depth + 1 < len(path):
            node = node.setdefault("properties", {}).setdefault(name, {})


def readme(chart: str) -> str:
    """The chart's README.md with its table of values anew."""
    text = (HERE / chart / "README.md").read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = "\n".join(_row(value) for value in values(chart))
    return f"{before}{BEGIN}| value | default | meaning |\n| --- | --- | --- |\n{rows}\n{END}{after}"


def _row(value: Value) -> str:
    default = json.dumps(value.default, ensure_ascii=False)
    cells = [f"`{'.'.join(value.path)}`", f"`{default}`", value.meaning]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> None:
    """Write the files, or check them."""
    stale = []
    for chart in CHARTS:
        for name, text in (("values.schema.json", schema(chart)), ("README.md", readme(chart))):
            file = HERE / chart / name
            if sys.argv[1:] != ["--check"]:
                file.write_text(text)
            elif not file.exists() or file.read_text() != text:
                stale.append(f"charts/{chart}/{name}")
    if stale:
        sys.exit(f"Out of date: {', '.join(stale)}. Run `make docs`, and commit what it writes.")


if __name__ == "__main__":
    main()
