"""Error messages about values can be understood without knowledge of Python."""

import datetime as dt
import enum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from msgspec import UNSET, Meta, UnsetType

from chassis.errors import Invalid
from chassis.validation.field_errors import field_error
from chassis.validation.patterns import NOT_BLANK
from chassis.web.decoding import decode


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    colour: Literal["red", "blue"]


class Level(enum.Enum):
    LOW = "low"
    HIGH = "high"


class Body(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    count: Annotated[int, Meta(ge=1, le=9)] = 1
    seconds: Annotated[float, Meta(gt=0)] = 1.0
    name: Annotated[str, Meta(min_length=1, max_length=3)] = "a"
    text: Annotated[str, Meta(pattern=NOT_BLANK)] = "a"
    maybe: int | None = None
    yes: bool = False
    day: dt.date | None = None
    moment: dt.datetime | None = None
    uuid: UUID | None = None
    state: Literal["open", "closed"] | UnsetType = UNSET
    inner: list[Inner] = []
    pair: tuple[int, int] = (0, 0)
    level: Level = Level.LOW
    maybe_level: Level | None = None
    levels: dict[str, Literal["low", "high"]] = {}
    any_inner: tuple[Inner, ...] | None = None


@pytest.mark.parametrize(
    ("value", "pointer", "said"),
    [
        ({"count": "x"}, "/count", "The value must be a whole number, not text"),
        ({"count": 1.5}, "/count", "The value must be a whole number, not a number with a fraction"),
        ({"count": None}, "/count", "The value must be a whole number, not null"),
        ({"count": 0}, "/count", "The value must be at least 1"),
        ({"count": 10}, "/count", "The value must be at most 9"),
        ({"seconds": 0}, "/seconds", "The value must be greater than 0"),
        ({"seconds": True}, "/seconds", "The value must be a number, not true or false"),
        ({"name": ""}, "/name", "The text must have at least 1 character"),
        ({"name": "abcd"}, "/name", "The text must have at most 3 characters"),
        ({"text": " "}, "/text", "Text is needed here, not only white space, and without NUL characters"),
        ({"maybe": []}, "/maybe", "The value must be a whole number or null, not a list"),
        ({"yes": 1}, "/yes", "The value must be true or false, not a whole number"),
        ({"day": "x"}, "/day", "The value must be a date such as 2013-12-31"),
        ({"moment": "x"}, "/moment", "The value must be a time such as 2013-12-31T08:00:00Z"),
        ({"uuid": "x"}, "/uuid", "The value must be a UUID such as 5b8f9d5e-0b1c-4f0e-9a53-0f6f5a4f2a10"),
        ({"state": "ajar"}, "/state", "The value must be one of closed, open, not 'ajar'"),
        (
            {"inner": [{"colour": "red"}, {"colour": "green"}]},
            "/inner/1/colour",
            "The value must be one of blue, red, not 'green'",
        ),
        ({"level": "mid"}, "/level", "The value must be one of low, high, not 'mid'"),
        ({"maybe_level": "mid"}, "/maybe_level", "The value must be one of low, high, not 'mid'"),
        ({"levels": {"a": "mid"}}, "/levels/*", "The value must be one of high, low, not 'mid'"),
        (
            {"any_inner": [{"colour": "green"}]},
            "/any_inner/0/colour",
            "The value must be one of blue, red, not 'green'",
        ),
        ({"inner": [{}]}, "/inner/0/colour", "The field 'colour' is missing"),
        ({"inner": [{"colour": "red", "x": 1}]}, "/inner/0/x", "There is no field 'x'"),
        ({"inner": {}}, "/inner", "The value must be a list, not an object"),
        ({"pair": [1]}, "/pair", "The list must have 2 items"),
        ({"more": 1}, "/more", "There is no field 'more'"),
        ([], "", "The value must be an object, not a list"),
    ],
)
def test_error_messages_are_in_plain_words(value: Any, pointer: str, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        decode(msgspec.json.encode(value), Body)
    ((wrong),) = caught.value.errors
    assert wrong.pointer == pointer
    assert wrong.detail.startswith(said)


class Filter(msgspec.Struct):
    count: int = 0
    text: Annotated[str, Meta(pattern=NOT_BLANK)] = "a"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"count": "ten"}, "The value must be a whole number"),
        ({"text": " "}, "Text is needed here, not only white space, and without NUL characters"),
    ],
)
def test_errors_of_a_query_do_not_name_the_given_type(query: dict[str, str], said: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(query, Filter, strict=False)
    assert field_error(caught.value, Filter, strict=False).detail == said
