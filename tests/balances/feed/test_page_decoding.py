"""An invalid page is refused with an error that names page, row, field and value."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balances.feed.errors import FeedInvalid, Place
from balances.feed.page_decoding import decode_page, is_cut
from balances.feed.settings import make_feed

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
        ({"currency": "USD"}, "currency", "'USD' is not the feed's currency, CAD"),
        ({"Currency": "cad"}, "Currency", "'cad' is not the feed's currency, CAD"),
        (
            {"currency": "CAD", "Currency": "EUR"},
            "Currency",
            "amounts in different currencies cannot be added up",
        ),
        ({"currency": 124}, "currency", "Expected `str | null`, got `int`; it is 124"),
        ({"pending": "yes"}, "pending", "Expected `bool | null`, got `str`; it is 'yes'"),
        ({"Pending": 1}, "Pending", "Expected `bool | null`, got `int`; it is 1"),
    ],
)
def test_an_invalid_value_is_named_with_row_and_field(
    changes: dict[str, Any], field: str, detail: str
) -> None:
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
        (page([ROW]).replace(b"STAPLES", b"\xff"), (3, 1, None), "not JSON"),
        (page([ROW]).replace(b"STAPLES", b"\\ud800"), (3, None, None), "not JSON"),
        (b'{"x":' + b"[" * 100_000, (3, None, None), "not JSON"),
        (b'{"totalCount": "9", broken', (3, None, "totalCount"), "Expected `int`, got `str`"),
        (page([5])[:-1] + b', "transactions": []}', (3, 1, None), "Expected `object`, got `int`"),
        (page([], totalCount=10**40, page="3"), (3, None, "page"), "it is '3'"),
        (b"<!DOCTYPE html><html>", (3, None, None), "the response is HTML"),
        (page([ROW], currency="USD"), (3, None, "currency"), "'USD' is not the feed's currency, CAD"),
        (page([ROW]).decode().encode("utf-16"), (3, None, None), "invalid character (byte 0)"),
    ],
)
def test_a_page_with_another_structure_is_refused(body: bytes, place: tuple[Any, ...], detail: str) -> None:
    where, said = refused(body)
    assert where == place
    assert detail in said


def test_a_byte_that_is_not_utf_8_is_named_with_its_place_in_the_page() -> None:
    body = page([ROW, {**ROW, "Company": "\u00c9T\u00c9 CAF?"}, ROW]).replace(b"CAF?", b"CAF\xe9")
    place, said = refused(body)
    assert place == (3, 2, None)
    assert f"the byte 0xe9 at offset {body.index(0xE9)}, which is not UTF-8" in said


def test_a_byte_that_is_not_utf_8_is_refused_in_an_unknown_field() -> None:
    body = page([{**ROW, "Note": "?"}]).replace(b'"?"', b'"\xff"')
    assert f"the byte 0xff at offset {body.index(0xFF)}" in refused(body)[1]


def test_a_byte_order_mark_is_accepted_and_changes_nothing() -> None:
    body = page([ROW])
    marked = b"\xef\xbb\xbf" + body
    assert decode_page(FEED, 3, marked) == decode_page(FEED, 3, body)
    assert not is_cut(marked)


# Two members of the same name

TWICE = b'{"Date":"2024-02-29","Ledger":"","Amount":"-1.50","Company":"A",%b}'


def page_of(*rows: bytes, before: bytes = b"") -> bytes:
    return b'{%b"totalCount":9,"page":3,"transactions":[%b]}' % (before, b",".join(rows))


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        (b'"Amount":"-9.00"', "Amount"),
        (b'"Am\\u006funt":"-9.00"', "Amount"),
        (b'"\\u0041\\u006D\\u006f\\u0075\\u006e\\u0074" : "-9.00"', "Amount"),
        (b'"Amount"\n:\t"-9.00"', "Amount"),
        (b'"Date":"2024-03-01"', "Date"),
        (b'"Company":"B"', "Company"),
        (b'"Ledger":"Office"', "Ledger"),
        (b'"pending":true,"pending":false', "pending"),
        (b'"Id":1,"Id":2', "Id"),
        (b'"Details":{"Amount":1,"Amount":2}', "Amount"),
        (b'"Note":"a \\"quoted\\" word","Amount":"1"', "Amount"),
    ],
)
def test_a_row_with_two_members_of_the_same_name_is_refused(extra: bytes, field: str) -> None:
    place, said = refused(page_of(json.dumps(ROW).encode(), TWICE % extra, json.dumps(ROW).encode()))
    assert place == (3, 2, field)
    assert said == "is in the row twice"


@pytest.mark.parametrize(
    ("before", "field"),
    [
        (b'"transactions":[],', "transactions"),
        (b'"transactions":[{"Date":"2024-02-29","Ledger":"","Amount":"7","Company":""}],', "transactions"),
        (b'"tot\\u0061lCount":9,', "totalCount"),
        (b'"page":3,', "page"),
    ],
)
def test_a_page_with_two_members_of_the_same_name_is_refused(before: bytes, field: str) -> None:
    place, said = refused(page_of(json.dumps(ROW).encode(), before=before))
    assert place == (3, None, field)
    assert said == "is in the page twice"


rows = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["Date", "Ledger", "Amount", "Company", "Am\\u006funt", "Id", "pending", "N\\u0022"]
            ),
            st.sampled_from(
                ['"2024-02-29"', '"1"', '"\\"Amount\\""', "true", "null", '{"Amount": ":"}', '":"']
            ),
        ),
        max_size=7,
    ),
    max_size=3,
)


@given(rows)
def test_no_page_with_two_members_of_the_same_name_is_ever_accepted(
    rows: list[list[tuple[str, str]]],
) -> None:
    base = '"Date":"2024-02-29","Ledger":"","Amount":"1","Company":""'
    texts = ["{" + ",".join([base, *(f'"{name}": {value}' for name, value in row)]) + "}" for row in rows]
    try:
        decode_page(FEED, 3, page_of(*(text.encode() for text in texts)))
    except FeedInvalid:
        return
    for row in rows:
        names = [name.replace("\\u006f", "o") for name, _ in row]
        assert len(set(names)) == len(names)
        assert not {"Date", "Ledger", "Amount", "Company"} & set(names)


# Pending transactions


def test_pending_rows_are_separate_and_have_their_place() -> None:
    decoded = decode_page(
        FEED, 3, page([{**ROW, "pending": True}, ROW, {**ROW, "Pending": True, "Amount": "7"}])
    )
    assert [one.amount for one in decoded.transactions] == [-150]
    assert [(one.row, one.transaction.amount) for one in decoded.pending] == [(1, -150), (3, 700)]
    assert decoded.rows == 3
    assert decoded.lines.splitlines() == [
        b'["2024-02-29","","-1.50","STAPLES",true]',
        b'["2024-02-29","","-1.50","STAPLES"]',
        b'["2024-02-29","","7.00","STAPLES",true]',
    ]
    assert decoded.booked_lines(2) == b'["2024-02-29","","-1.50","STAPLES"]\n'


@pytest.mark.parametrize(
    "said", [{"pending": False}, {"pending": None}, {"currency": "CAD"}, {"Currency": None}]
)
def test_optional_members_may_have_the_default_value(said: dict[str, Any]) -> None:
    decoded = decode_page(FEED, 3, page([{**ROW, **said}]))
    assert decoded == decode_page(FEED, 3, page([ROW]))


def test_additional_fields_are_allowed() -> None:
    decoded = decode_page(FEED, 3, page([{**ROW, "Id": 7, "Note": "a\0b"}], next="x"))
    assert [(t.date, t.category, t.amount, t.vendor) for t in decoded.transactions] == [
        (date(2024, 2, 29), "", -150, "STAPLES")
    ]


def test_the_canonical_text_depends_on_values_and_not_on_how_they_are_written() -> None:
    one = decode_page(FEED, 3, page([{**ROW, "Amount": "-10.9"}]))
    other = decode_page(FEED, 3, page([{"Id": 1, **ROW, "Amount": "-1.090e1"}]))
    assert one.lines == other.lines == b'["2024-02-29","","-10.90","STAPLES"]\n'
