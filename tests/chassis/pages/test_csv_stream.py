"""Lists as CSV."""

import asyncio
import csv
import io
from collections.abc import Sequence

import pytest
from starlette.responses import StreamingResponse

from chassis.errors import Unavailable
from chassis.pages.csv_stream import MARK, Rows, respond_csv


def read(pages: Sequence[Rows]) -> str:
    async def next_page(cursor: str | None) -> tuple[Rows, str | None]:
        number = int(cursor or 0)
        return pages[number], str(number + 1) if number + 1 < len(pages) else None

    async def whole() -> str:
        response = await respond_csv("tubes", ["id", "name"], next_page)
        assert isinstance(response, StreamingResponse)
        parts = [part async for part in response.body_iterator]
        return "".join(str(part) for part in parts).removeprefix(MARK)

    return asyncio.run(whole())


def test_all_pages_follow_one_header() -> None:
    text = read([[[1, "a"]], [[2, "b"]], []])
    assert text == "id,name\r\n1,a\r\n2,b\r\n"


def test_text_with_commas_quotes_and_line_breaks_is_one_cell() -> None:
    rows = list(csv.reader(io.StringIO(read([[[1, 'a,"b"\nc']]]))))
    assert rows == [["id", "name"], ["1", 'a,"b"\nc']]


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "@SUM(A1)", "-1+1", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_run_is_marked_as_text(text: str) -> None:
    rows = list(csv.reader(io.StringIO(read([[[1, text]]]), newline="")))
    assert rows[1][1] == "'" + text


@pytest.mark.parametrize("number", ["-10.90", "-1"])
def test_a_negative_amount_stays_a_number(number: str) -> None:
    assert read([[[1, number]]]).endswith(f"1,{number}\r\n")


def test_the_file_begins_with_the_mark_by_which_excel_knows_utf_8() -> None:
    async def next_page(_: str | None) -> tuple[Rows, str | None]:
        return [["50 µL"]], None

    async def first() -> str:
        response = await respond_csv("tubes", ["text"], next_page)
        assert isinstance(response, StreamingResponse)
        return "".join([str(part) async for part in response.body_iterator])

    assert asyncio.run(first()).encode().startswith(b"\xef\xbb\xbftext")


def test_null_is_an_empty_cell() -> None:
    assert read([[[1, None]]]).endswith("1,\r\n")


def test_an_error_on_the_first_page_is_the_error_of_the_request() -> None:
    async def next_page(_: str | None) -> tuple[Rows, str | None]:
        raise Unavailable("The database is away.")

    with pytest.raises(Unavailable):
        asyncio.run(respond_csv("tubes", ["id"], next_page))
