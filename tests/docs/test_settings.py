"""Every setting has an effect."""

import ast
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from balances.settings import BalancesSettings
from chassis.process.settings import Settings
from inventory.settings import InventorySettings
from local.settings import LocalSettings
from status.app import StatusSettings

SERVICES = Path(__file__).parents[2] / "services"
KINDS = [StatusSettings, InventorySettings, BalancesSettings, LocalSettings]


def sources(kind: type[Settings]) -> list[str]:
    """The source files that may read the settings of `kind`: those of its service, and of chassis."""
    names = ("chassis", kind.__module__.partition(".")[0])
    paths = sorted(path for name in names for path in (SERVICES / name / "src").glob("**/*.py"))
    return [path.read_text(encoding="utf-8") for path in paths]


def read(source: str) -> Iterator[str]:
    """The settings that a source file reads: `settings.port`, or `self.port` inside a class of settings."""
    tree = ast.parse(source)
    classes = [
        node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name.endswith("Settings")
    ]
    inside = {id(node) for kind in classes for node in ast.walk(kind)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            owner = getattr(node.value, "attr", getattr(node.value, "id", ""))
            if owner.strip("_").endswith("settings") or (owner == "self" and id(node) in inside):
                yield node.attr


def unread(kind: type[Settings], sources: list[str]) -> list[str]:
    """The settings of `kind` that no source file reads."""
    found = {name for source in sources for name in read(source)}
    return [field.name for field in msgspec.structs.fields(kind) if field.name not in found]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_setting_is_read(kind: type[Settings]) -> None:
    for name in unread(kind, sources(kind)):
        pytest.fail(
            f"{kind.__name__} declares {name}, and no code reads settings.{name}. Read it in the service,"
            " or remove it.",
            pytrace=False,
        )


def test_a_setting_that_is_only_declared_is_found() -> None:
    class ForgetfulSettings(Settings, frozen=True, kw_only=True):
        colour: str = "blue"

    declared = 'class ForgetfulSettings:\n    colour: str = "blue"\ncolour = row.colour\n'
    others = sources(StatusSettings)
    assert unread(ForgetfulSettings, [declared, *others]) == ["colour"]
    assert unread(ForgetfulSettings, [declared, "print(settings.colour)", *others]) == []
