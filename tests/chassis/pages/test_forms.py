"""Forms: the text of the fields becomes the values that the API would take."""

from typing import Annotated

import msgspec
import pytest
from msgspec import UNSET, Meta, UnsetType

from chassis.errors import FieldError, Invalid
from chassis.pages.forms import Form, convert, filled


class NewTube(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field of each type that forms have."""

    name: Annotated[str, Meta(min_length=1, max_length=10)]
    box_id: Annotated[int, Meta(ge=1)]
    note: str | None = None
    frozen: bool = True
    lot: str | UnsetType = UNSET
    text: str = ""


def test_text_becomes_the_types_of_the_fields() -> None:
    new = convert({"name": "T1", "box_id": "7", "note": "old", "frozen": "on"}, NewTube)
    assert new == NewTube(name="T1", box_id=7, note="old", frozen=True)


def test_an_empty_field_is_null_where_null_is_allowed() -> None:
    assert convert({"name": "T1", "box_id": "7", "note": ""}, NewTube).note is None


def test_an_empty_text_field_is_empty_text_where_null_is_not_allowed() -> None:
    assert convert({"name": "T1", "box_id": "7", "text": "  "}, NewTube).text == ""


def test_a_checkbox_that_is_not_sent_is_false() -> None:
    assert convert({"name": "T1", "box_id": "7"}, NewTube).frozen is False


def test_fields_that_the_type_does_not_have_are_ignored() -> None:
    assert convert({"name": "T1", "box_id": "7", "key": "x"}, NewTube).name == "T1"


def test_white_space_around_one_line_is_removed() -> None:
    assert convert({"name": " T1 ", "box_id": " 7 "}, NewTube) == NewTube(name="T1", box_id=7, frozen=False)


def test_line_breaks_are_line_feeds_and_lines_stay_as_they_are() -> None:
    assert convert({"name": "T1", "box_id": "7", "note": "a\r\n  b"}, NewTube).note == "a\n  b"


def test_every_field_that_is_wrong_has_an_error() -> None:
    with pytest.raises(Invalid) as caught:
        convert({"name": "far too long", "box_id": "seven"}, NewTube)
    assert {one.pointer for one in caught.value.errors} == {"/name", "/box_id"}


def test_a_missing_field_has_an_error() -> None:
    with pytest.raises(Invalid) as caught:
        convert({"name": "T1", "box_id": ""}, NewTube)
    assert [one.pointer for one in caught.value.errors] == ["/box_id"]


def test_a_stored_object_fills_the_form_with_which_it_can_be_sent_again() -> None:
    stored = NewTube(name="T1", box_id=7, note=None, frozen=True)
    form = filled(stored)
    assert form.values == {"name": "T1", "box_id": "7", "note": "", "frozen": "on", "lot": "", "text": ""}
    assert convert(form.values, NewTube) == msgspec.structs.replace(stored, lot="")


def test_an_error_is_a_sentence_beside_its_field_and_in_the_summary() -> None:
    form = Form({"name": "x"}, [FieldError("/name", "taken", "it is taken"), FieldError("", "", "No.")])
    assert form.error("name") == "It is taken."
    assert form.error("box_id") == ""
    assert form.summary == [("name", "It is taken."), ("", "No.")]


def test_the_summary_links_no_field_that_the_form_does_not_have() -> None:
    assert Form({}, [FieldError("/other", "x", "Wrong")]).summary == [("", "Wrong.")]
