"""A complete list of any length is one JSON array; the process never holds more than a chunk of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import psycopg
import pytest
from starlette.requests import Request
from starlette.types import Message

from chassis.database.pool import Database
from chassis.errors import Unavailable
from chassis.process.settings import DatabaseSettings
from chassis.web.json_stream import CHUNK_BYTES, CHUNK_ROWS, JsonStreams, ListCutOff

LIST = b"""
select count(*), max(number), string_agg(json, ', ' order by number)
from (
    select number, json, sum(octet_length(json)) over (order by number) - octet_length(json) as before
    from (
        select number, json_build_object('number', number, 'text', text)::text as json
        from lab.thing
        where number > %(after)s
        order by number
        offset %(offset)s
        limit %(rows)s
    ) as slice
) as thing
where before < %(bytes)s
"""

Use = Callable[[Database], Awaitable[Any]]
Run = Callable[[Use], Any]


class Sent:
    """A client of a list: records the response, and may disconnect."""

    def __init__(self, method: str = "GET", *, stays: bool = True) -> None:
        self.messages: list[Message] = []
        self.stays = stays
        self.scope = {"type": "http", "method": method, "path": "/", "headers": []}

    async def receive(self) -> Message:
        if self.stays:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.messages.append(message)
        await asyncio.sleep(0)

    async def answer(self, streams: JsonStreams, **how: Any) -> "Sent":
        request = Request(self.scope, self.receive)
        response = await streams.array(request, LIST, 0, **how)
        await response(self.scope, self.receive, self.send)
        return self

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.messages[0]["headers"])

    @property
    def bodies(self) -> list[bytes]:
        return [message["body"] for message in self.messages[1:] if message["body"]]

    @property
    def json(self) -> Any:
        assert not self.messages[-1].get("more_body")
        return json.loads(b"".join(self.bodies))


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    """Ad-hoc SQL on a database with an empty table."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("create schema lab")
        connection.execute("create table lab.thing (number integer primary key, text text)")
        yield connection


@pytest.fixture
def run(database_url: str, connection: psycopg.Connection) -> Run:
    """Runs work on an opened pool of two."""

    def use(work: Use) -> Any:
        async def opened() -> Any:
            settings = DatabaseSettings(
                database_url=database_url, database_pool_size=2, database_timeout_seconds=2
            )
            async with Database(settings, "lab", {}).opened() as database:
                return await work(database)

        return asyncio.run(opened())

    assert not connection.closed
    return use


def fill(connection: psycopg.Connection, count: int, text: str = "x") -> list[dict[str, object]]:
    connection.execute("insert into lab.thing select n, %s from generate_series(1, %s) as n", [text, count])
    return [{"number": number, "text": text} for number in range(1, count + 1)]


@pytest.mark.parametrize("count", [0, 1, CHUNK_ROWS - 1])
def test_a_short_list_is_one_response_with_a_content_length(
    run: Run, connection: psycopg.Connection, count: int
) -> None:
    expected = fill(connection, count)
    sent = run(lambda database: Sent().answer(JsonStreams(database)))
    assert sent.json == expected
    assert int(sent.headers[b"content-length"]) == len(sent.bodies[0])
    assert len(sent.messages) == 2


@pytest.mark.parametrize("count", [CHUNK_ROWS, CHUNK_ROWS + 1, 2 * CHUNK_ROWS, 3 * CHUNK_ROWS - 1])
def test_a_long_list_is_sent_in_chunks(run: Run, connection: psycopg.Connection, count: int) -> None:
    expected = fill(connection, count)
    sent = run(lambda database: Sent().answer(JsonStreams(database)))
    assert sent.json == expected
    assert b"content-length" not in sent.headers
    assert sent.headers[b"content-type"] == b"application/json"


@pytest.mark.parametrize(
    ("offset", "limit"),
    [
        *((0, 0), (0, 1), (3, CHUNK_ROWS), (CHUNK_ROWS - 1, 2), (CHUNK_ROWS, CHUNK_ROWS + 1)),
        *((0, 2**31 - 1), (2 * CHUNK_ROWS - 1, 2**31 - 1), (3 * CHUNK_ROWS, 5)),
    ],
)
def test_a_slice_of_a_long_list_has_the_right_items(
    run: Run, connection: psycopg.Connection, offset: int, limit: int
) -> None:
    expected = fill(connection, 2 * CHUNK_ROWS + 7)[offset : offset + limit]
    sent = run(lambda database: Sent().answer(JsonStreams(database), offset=offset, limit=limit))
    assert sent.json == expected


def test_the_text_around_the_items_is_sent_once(run: Run, connection: psycopg.Connection) -> None:
    expected = fill(connection, CHUNK_ROWS + 1)
    sent = run(lambda database: Sent().answer(JsonStreams(database), around=(b'{"a":[', b"]}")))
    assert sent.json == {"a": expected}


def test_chunks_of_long_rows_have_fewer_rows(run: Run, connection: psycopg.Connection) -> None:
    expected = fill(connection, 200, "x" * 10_000)
    sent = run(lambda database: Sent().answer(JsonStreams(database)))
    assert sent.json == expected
    assert max(map(len, sent.bodies)) < CHUNK_BYTES + 11_000


def test_a_row_longer_than_a_chunk_is_sent(run: Run, connection: psycopg.Connection) -> None:
    expected = fill(connection, 3, "x" * (CHUNK_BYTES + 1))
    assert run(lambda database: Sent().answer(JsonStreams(database))).json == expected


def test_head_of_a_long_list_reads_only_the_first_chunk(run: Run, connection: psycopg.Connection) -> None:
    fill(connection, 2 * CHUNK_ROWS)
    sent = run(lambda database: Sent("HEAD").answer(JsonStreams(database)))
    assert (sent.messages[0]["status"], sent.bodies) == (200, [])


def test_reading_stops_when_the_client_disconnects(run: Run, connection: psycopg.Connection) -> None:
    fill(connection, 3 * CHUNK_ROWS)
    sent = run(lambda database: Sent(stays=False).answer(JsonStreams(database)))
    assert len(sent.bodies) == 1


def test_all_lists_together_use_one_connection(run: Run, connection: psycopg.Connection) -> None:
    expected = fill(connection, 4 * CHUNK_ROWS)

    async def six(database: Database) -> list[Sent]:
        streams = JsonStreams(database)
        most = 0

        async def watch() -> None:
            nonlocal most
            while True:
                stats = database.pool.get_stats()
                most = max(most, stats["pool_size"] - stats["pool_available"])
                await asyncio.sleep(0)

        lists = [Sent() for _ in range(6)]
        starts = [await streams.array(Request(one.scope, one.receive), LIST, 0) for one in lists]
        watcher = asyncio.create_task(watch())
        await asyncio.gather(
            *(start(one.scope, one.receive, one.send) for start, one in zip(starts, lists, strict=True))
        )
        watcher.cancel()
        assert most == 1
        return lists

    assert [one.json for one in run(six)] == [expected] * 6


def test_a_client_that_does_not_read_holds_no_connection(run: Run, connection: psycopg.Connection) -> None:
    fill(connection, 3 * CHUNK_ROWS)

    class Stuck(Sent):
        async def send(self, message: Message) -> None:
            await super().send(message)
            if len(self.bodies) == 2:
                await asyncio.Event().wait()

    async def work(database: Database) -> None:
        streams = JsonStreams(database)
        stuck = [asyncio.create_task(Stuck().answer(streams)) for _ in range(4)]
        await asyncio.sleep(0.2)
        assert database.pool.get_stats()["pool_available"] == 2
        assert len((await Sent().answer(streams)).json) == 3 * CHUNK_ROWS
        for task in stuck:
            task.cancel()

    run(work)


def test_an_error_before_the_first_byte_is_raised(run: Run, connection: psycopg.Connection) -> None:
    connection.execute("drop table lab.thing")
    sent = Sent()

    async def work(database: Database) -> None:
        with pytest.raises(Unavailable):
            await sent.answer(JsonStreams(database))

    run(work)
    assert sent.messages == []


def test_an_error_after_the_first_byte_leaves_the_body_unfinished(
    run: Run, connection: psycopg.Connection
) -> None:
    fill(connection, 3 * CHUNK_ROWS)

    class Interrupting(Sent):
        async def send(self, message: Message) -> None:
            await super().send(message)
            if len(self.bodies) == 2:
                connection.execute("drop table lab.thing")

    sent = Interrupting()

    async def work(database: Database) -> None:
        with pytest.raises(ListCutOff, match="cut off before its end: The database"):
            await sent.answer(JsonStreams(database))

    run(work)
    assert sent.messages[-1]["more_body"]
