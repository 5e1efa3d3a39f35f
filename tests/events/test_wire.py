"""The wire by itself: values arrive as they are, errors are psycopg's, and a connection that broke is replaced."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg.errors import UniqueViolation

from common.ids import new_uuid
from common.times import utc_now
from cti.events.wire import Statement, Wires
from tests.servers import url_of_test_database

SLOW = "CREATE FUNCTION pg_temp.slow(seconds bigint) RETURNS boolean LANGUAGE sql AS $$ SELECT pg_sleep(seconds) IS NULL $$"
LENGTH = """
    CREATE FUNCTION pg_temp.long_enough(texts text[], minimum bigint) RETURNS boolean LANGUAGE sql AS $$
    SELECT sum(length(each)) >= minimum FROM unnest(texts) each $$"""
TWICE = """
    CREATE FUNCTION pg_temp.twice(number bigint) RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        CREATE TEMP TABLE IF NOT EXISTS once (number bigint PRIMARY KEY);
        INSERT INTO once VALUES (number);
        RETURN true;
    END $$"""


def _nothing() -> None:
    """For answers that nobody is told of."""


class Line:
    """Wires whose connections have the functions of these tests."""

    def __init__(self, function: str, types: dict[str, str], most: int = 1) -> None:
        self.connections: list[psycopg.AsyncConnection] = []
        self.wires = Wires(self._connect, Statement(f"pg_temp.{function}", types), most)

    async def _connect(self) -> psycopg.AsyncConnection:
        connection = await psycopg.AsyncConnection.connect(url_of_test_database(), autocommit=True)
        for function in (SLOW, LENGTH, TWICE, ENCODED):
            await connection.execute(function)
        self.connections.append(connection)
        return connection

    async def run(self, parameters: dict[str, Any]) -> bool:
        """One statement on a connection of its own."""
        wire = await self.wires.acquire()
        try:
            return await wire.send(parameters, _nothing)
        finally:
            await self.wires.release(wire)

    async def break_connection(self) -> None:
        async with await psycopg.AsyncConnection.connect(url_of_test_database(), autocommit=True) as other:
            await other.execute("SELECT pg_terminate_backend(%s)", [self.connections[-1].info.backend_pid])


ENCODED = """
    CREATE FUNCTION pg_temp.encoded(u uuid, n bigint, t timestamptz, j json, us uuid[], ts text[], bs bytea[],
        nothing json) RETURNS boolean LANGUAGE sql AS $$
    SELECT u = us[1] AND n = -2147483648 AND t = (j->>'t')::timestamptz AND ts = ARRAY['', E'"\\\\{},\\u00e9'] AND nothing IS NULL
        AND bs = ARRAY['\\x'::bytea, '\\x00ff'::bytea] AND cardinality(us) = 1 $$"""


@pytest.fixture
async def slow(committed_db: None) -> AsyncIterator[Line]:
    line = Line("slow", {"seconds": "bigint"}, most=2)
    yield line
    await line.wires.close()


async def test_every_type_arrives_as_it_is(committed_db: None) -> None:
    types = ("uuid", "bigint", "timestamptz", "json", "uuid[]", "text[]", "bytea[]", "json")
    line = Line("encoded", dict(zip(("u", "n", "t", "j", "us", "ts", "bs", "nothing"), types, strict=True)))
    one, now = new_uuid(), utc_now()
    values: dict[str, Any] = {"u": one, "n": -(2**31), "t": now, "j": f'{{"t":"{now.isoformat()}"}}', "us": [one]}
    values |= {"ts": ["", '"\\{},é'], "bs": [b"", b"\x00\xff"], "nothing": None}
    assert await line.run(values) is True
    assert await line.run(values | {"us": []}) is False
    await line.wires.close()


async def test_statement_larger_than_any_buffer_is_sent_whole(committed_db: None) -> None:
    line = Line("long_enough", {"texts": "text[]", "minimum": "bigint"})
    assert await line.run({"texts": ["x" * 10_000] * 1000, "minimum": 10_000_000})
    await line.wires.close()


async def test_error_is_psycopgs_and_the_connection_stays(committed_db: None) -> None:
    line = Line("twice", {"number": "bigint"})
    assert await line.run({"number": 1})
    with pytest.raises(UniqueViolation, match="once_pkey"):
        await line.run({"number": 1})
    assert await line.run({"number": 2})
    assert len(line.connections) == 1
    await line.wires.close()


async def test_connections_are_shared_and_no_more_than_allowed(slow: Line) -> None:
    await asyncio.gather(*(slow.run({"seconds": 0}) for _ in range(20)))
    assert len(slow.connections) == 2


async def test_broken_connection_fails_its_statement_and_is_replaced(slow: Line) -> None:
    await slow.run({"seconds": 0})
    under_way = asyncio.create_task(slow.run({"seconds": 60}))
    await asyncio.sleep(0)
    await slow.break_connection()
    with pytest.raises(psycopg.OperationalError):
        await under_way
    assert await slow.run({"seconds": 0}) is False
    assert len(slow.connections) == 2


async def test_connection_that_broke_while_idle_is_not_used(slow: Line) -> None:
    await slow.run({"seconds": 0})
    await slow.break_connection()
    async with asyncio.timeout(10):
        while not slow.connections[0].closed:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
    assert await slow.run({"seconds": 0}) is False


async def test_answer_that_nobody_awaits_any_more_is_nobody_elses(slow: Line) -> None:
    await slow.run({"seconds": 0})  # else connecting might take all of the time
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await slow.run({"seconds": 60})
    assert await slow.run({"seconds": 0}) is False
    assert slow.connections[0].closed


async def test_statements_that_follow_without_waiting_are_answered_in_order_each_for_itself(committed_db: None) -> None:
    line = Line("twice", {"number": "bigint"})
    wire = await line.wires.acquire()
    told: list[int] = []
    answers = [wire.send({"number": number}, partial(told.append, number)) for number in (1, 2, 2, 3)]
    outcomes = await asyncio.gather(*answers, return_exceptions=True)
    assert told == [1, 2, 3]
    assert outcomes[:2] + outcomes[3:] == [True, True, True]
    assert isinstance(outcomes[2], UniqueViolation)
    await line.wires.release(wire)
    assert await line.run({"number": 4})
    assert len(line.connections) == 1
    await line.wires.close()


async def test_connection_that_breaks_fails_all_that_is_under_way(slow: Line) -> None:
    wire = await slow.wires.acquire()
    assert await wire.send({"seconds": 0}, _nothing) is False
    answers = [wire.send({"seconds": 60}, _nothing), wire.send({"seconds": 0}, _nothing)]
    await slow.break_connection()
    outcomes = await asyncio.gather(*answers, return_exceptions=True)
    assert [isinstance(each, psycopg.OperationalError) for each in outcomes] == [True, True]
    assert not wire.works
    await slow.wires.release(wire)
