"""The fields of a schema in plain words."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from msgspec import Meta

from chassis.pages.schema_fields import Field, fields_of, type_in_words
from chassis.validation.patterns import NOT_BLANK


class Tube(msgspec.Struct):
    """A tube."""

    label: Annotated[str, Meta(description="Its `label` & more", max_length=10, pattern=NOT_BLANK)]
    volume: Annotated[int, Meta(ge=0, le=1000)] | None = None


class Rack(msgspec.Struct):
    """A rack."""

    kind: Literal["open", "closed"]
    tubes: list[Tube]
    notes: dict[str, Tube] = {}


def fields(kind: Any) -> dict[str, Field]:
    (schema,), components = msgspec.json.schema_components([kind])
    return {field.name: field for field in fields_of(schema, components)}


def test_the_fields_of_nested_structs_have_paths() -> None:
    assert list(fields(Rack)) == [
        "kind",
        "tubes",
        "tubes[].label",
        "tubes[].volume",
        "notes",
        "notes.*.label",
        "notes.*.volume",
    ]


def test_the_fields_of_a_list_have_paths() -> None:
    assert list(fields(list[Tube])) == ["[].label", "[].volume"]


def test_a_body_of_any_json_has_no_fields() -> None:
    assert fields(dict[str, Any]) == {}


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("label", "at most 10 characters, not only white space"),
        ("volume", "0 to 1,000"),
    ],
)
def test_limits_are_told_in_words(name: str, limits: str) -> None:
    assert str(fields(Tube)[name].limits) == limits


def test_the_values_of_an_enumeration_are_limits() -> None:
    closed, opened = (f'<code class="nowrap">{value}</code>' for value in ("closed", "open"))
    assert str(fields(Rack)["kind"].limits) == f"one of {closed}, {opened}"


def test_a_field_is_required_or_has_a_default() -> None:
    found = fields(Tube)
    assert [(field.required, field.default) for field in found.values()] == [(True, ""), (False, "null")]


def test_a_meaning_is_escaped_and_its_code_is_marked() -> None:
    assert fields(Tube)["label"].meaning == 'Its <code class="nowrap">label</code> &amp; more'


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (int, "whole number"),
        (str | None, "text or null"),
        (dt.date, "date"),
        (Annotated[dt.datetime, Meta(tz=True)], "time"),
        (UUID, "UUID"),
        (list[int], "list of whole numbers"),
        (Tube | None, "object or null"),
        (Literal["a", "b"], "text"),
        (Any, "any JSON"),
    ],
)
def test_a_type_is_told_in_words(kind: Any, words: str) -> None:
    (schema,), components = msgspec.json.schema_components([kind])
    assert type_in_words(schema, components) == words
