"""A page that is not what it must be is refused, by page, row, field and value."""

import json
from datetime import date
from typing import Any

import pytest

from balances.errors import FeedInvalid, Place
from balances.feed import make_feed
from balances.page_decoding import decode_page

FEED = make_feed("https://bank.example/tx", name="main")
ROW = {"Date": "2024-02-29", "Ledger": "", "Amount": "-1.50", "Company": "STAPLES"}


def page(rows: Any, **changes: Any) -> bytes:
    return json.dumps({"totalCount": 9, "page": 3, "transactions": rows, **changes}).encode()


def refused(body: bytes) -> tuple[Place, str]:
    with pytest.raises(FeedInvalid) as caught:
        decode_page(FEED, 3, body)
    assert str(caught.value).startswith("feed main, page 3")
    return caught.value.place, caught.value.detail


@pytest.mark.parametrize(
    ("changes", "field", "detail"),
    [
        ({"Date": "2023-02-29"}, "Date", "it is '2023-02-29'"),
        ({"Date": "29/02/2024"}, "Date", "it is '29/02/2024'"),
        ({"Date": "2024-02-29T10:00:00"}, "Date", "it is '2024-02-29T10:00:00'"),
        ({"Date": 20240229}, "Date", "it is 20240229"),
        ({"Date": None}, "Date", "it is None"),
        ({"Amount": -1.5}, "Amount", "Expected `str`, got `float`; it is -1.5"),
        ({"Amount": 7}, "Amount", "Expected `str`, got `int`; it is 7"),
        ({"Amount": "NaN"}, "Amount", "'NaN' is not a decimal number such as -12.34 (CAD)"),
        ({"Amount": "12.345"}, "Amount", "'12.345' is finer than the currency, which has 2 digits"),
        ({"Amount": "1" * 5000}, "Amount", "'" + "1" * 59 + "... is not a decimal number"),
        ({"Ledger": None}, "Ledger", "Expected `str`, got `null`; it is None"),
        ({"Ledger": "a\0b"}, "Ledger", "'a\\x00b' has a NUL character in it"),
        ({"Company": ["x"]}, "Company", "Expected `str`, got `array`; it is ['x']"),
        ({"Company": "x" * 501}, "Company", "length <= 500"),
        ({"Company": "\0"}, "Company", "'\\x00' has a NUL character in it"),
    ],
)
def test_a_bad_value_is_named_by_row_and_field(changes: dict[str, Any], field: str, detail: str) -> None:
    place, said = refused(page([ROW, {**ROW, **changes}]))
    assert place == (3, 2, field)
    assert detail in said


@pytest.mark.parametrize("field", ["Date", "Ledger", "Amount", "Company"])
def test_a_missing_field_is_named(field: str) -> None:
    without = {name: value for name, value in ROW.items() if name != field}
    assert refused(page([ROW, ROW, without])) == ((3, 3, field), "is missing")


@pytest.mark.parametrize(
    ("body", "place", "detail"),
    [
        (page([], totalCount="9"), (3, None, "totalCount"), "it is '9'"),
        (page([], totalCount=-1), (3, None, "totalCount"), "it is -1"),
        (page([], totalCount=1.5), (3, None, "totalCount"), "it is 1.5"),
        (page([], page=4), (3, None, "page"), "says that it is page 4"),
        (page({}), (3, None, "transactions"), "Expected `array`, got `object`"),
        (page([ROW, 5]), (3, 2, None), "Expected `object`, got `int`; it is 5"),
        (b'{"page": 3, "transactions": []}', (3, None, "totalCount"), "is missing"),
        (b"[]", (3, None, None), "Expected `object`, got `array`"),
        (b"", (3, None, None), "not JSON"),
        (b'{"totalCount": 9', (3, None, None), "not JSON"),
        (b"\xff\xfe", (3, None, None), "not JSON"),
        (page([ROW]).replace(b"STAPLES", b"\xff"), (3, None, None), "not JSON"),
        (page([ROW]).replace(b"STAPLES", b"\\ud800"), (3, None, None), "not JSON"),
        (b'{"x":' + b"[" * 100_000, (3, None, None), "not JSON"),
        (b'{"totalCount": "9", broken', (3, None, "totalCount"), "Expected `int`, got `str`"),
        (page([5])[:-1] + b', "transactions": []}', (3, 1, None), "Expected `object`, got `int`"),
        (page([], totalCount=10**40, page="3"), (3, None, "page"), "it is '3'"),
        (b"<!DOCTYPE html><html>", (3, None, None), "the answer is HTML"),
    ],
)
def test_a_page_of_another_shape_is_refused(body: bytes, place: tuple[Any, ...], detail: str) -> None:
    where, said = refused(body)
    assert where == place
    assert detail in said


def test_additional_fields_are_allowed() -> None:
    decoded = decode_page(FEED, 3, page([{**ROW, "Id": 7, "Note": "a\0b"}], next="x"))
    assert [(t.date, t.category, t.amount, t.vendor) for t in decoded.transactions] == [
        (date(2024, 2, 29), "", -150, "STAPLES")
    ]


def test_the_canonical_form_depends_on_values_and_not_on_how_they_are_written() -> None:
    one = decode_page(FEED, 3, page([{**ROW, "Amount": "-10.9"}]))
    other = decode_page(FEED, 3, page([{"Id": 1, **ROW, "Amount": "-1.090e1"}]))
    assert one.lines == other.lines == b'["2024-02-29","","-10.90","STAPLES"]\n'
