"""The shortest way to PostgreSQL for a statement that runs thousands of times a second: prepared once, its parameters in
PostgreSQL's own binary form, sent and answered by two callbacks of the event loop.

A cursor of psycopg does the same for four times the processor time. Connections are psycopg's; only the running of the one
statement isn't. Nothing here reads rows: the statement's answer is one boolean.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Any, Final

from psycopg import AsyncConnection, OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGresult

Connect = Callable[[], Awaitable[AsyncConnection]]
Then = Callable[[], None]
_NAME: Final = b"wired"
_TRUE: Final = b"\x01"
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LONG, _INT, _ARRAY = Struct("!q"), Struct("!i"), Struct("!iiIii")


def _array(element: int, values: Sequence[bytes]) -> bytes:
    parts = [_ARRAY.pack(1, 0, element, len(values), 1)]
    for value in values:
        parts += (_INT.pack(len(value)), value)
    return b"".join(parts)


ENCODERS: Mapping[str, Callable[[Any], bytes]] = {
    "uuid": lambda value: value.bytes,
    "bigint": _LONG.pack,
    "timestamptz": lambda value: _LONG.pack((value - _EPOCH) // _MICROSECOND),
    "json": str.encode,
    "uuid[]": lambda values: _array(2950, [value.bytes for value in values]),
    "text[]": lambda values: _array(25, [value.encode() for value in values]),
    "bytea[]": lambda values: _array(17, values),
}
"""By PostgreSQL's types; NULL is None for all."""


class Statement:
    """`SELECT <function>(…)`, with the names and types of its parameters."""

    def __init__(self, function: str, types: Mapping[str, str]) -> None:
        holders = ", ".join(f"${number}::{kind}" for number, kind in enumerate(types.values(), 1))
        self.text = f"SELECT {function}({holders})".encode()
        self.formats = [Format.BINARY] * len(types)
        self._encoders = [(name, ENCODERS[kind]) for name, kind in types.items()]

    def encode(self, parameters: Mapping[str, Any]) -> list[bytes | None]:
        return [None if (value := parameters[name]) is None else encoder(value) for name, encoder in self._encoders]


class Wire:
    """One connection in pipeline mode: statements are carried out in the order of their sending, each in a transaction of its
    own, and the next one begins at PostgreSQL while the answer of the last is on its way.
    """

    def __init__(self, connection: AsyncConnection, statement: Statement) -> None:
        self._connection = connection
        self._pgconn = connection.pgconn
        self._statement = statement
        self._socket = self._pgconn.socket
        self._loop = asyncio.get_running_loop()
        self._awaited: deque[tuple[asyncio.Future[bool], Then]] = deque()
        self._due: deque[Then] = deque()
        self._result: PGresult | None = None
        self._pgconn.enter_pipeline_mode()
        self._loop.add_reader(self._socket, self._readable)

    @property
    def works(self) -> bool:
        """Whether its connection stands, as far as is known."""
        return self._pgconn.status == ConnStatus.OK

    @property
    def is_idle(self) -> bool:
        """Whether somebody else may use it: not while an answer is to come, nor once it broke."""
        return self.works and not self._awaited

    def send(self, parameters: Mapping[str, Any], then: Then) -> "asyncio.Future[bool]":
        """Sends the statement; its answer, or one of psycopg's errors, is the future's. Raises OperationalError.

        `then` is called at once when the answer is true, a round of the event loop before whoever awaits the future goes on.
        """
        self._pgconn.send_query_prepared(
            _NAME, self._statement.encode(parameters), self._statement.formats, result_format=Format.BINARY
        )
        self._pgconn.pipeline_sync()
        if self._pgconn.flush():
            self._loop.add_writer(self._socket, self._writable)
        answer: asyncio.Future[bool] = self._loop.create_future()
        self._awaited.append((answer, then))
        return answer

    async def close(self) -> None:
        self._let_go()
        await self._connection.close()

    def _writable(self) -> None:
        try:
            if not self._pgconn.flush():
                self._loop.remove_writer(self._socket)
        except OperationalError as error:
            self._fail(error)

    def _readable(self) -> None:
        try:
            self._pgconn.consume_input()
            while self._awaited and not self._pgconn.is_busy():
                result = self._pgconn.get_result()
                if result is None:
                    continue  # after each statement's result, before the end of its transaction is told
                if result.status == ExecStatus.PIPELINE_SYNC:
                    self._answer()
                else:
                    self._result = result
        except OperationalError as error:
            self._fail(error)
        while self._due:
            self._due.popleft()()

    def _answer(self) -> None:
        """The oldest statement's transaction has ended."""
        (answer, then), result = self._awaited.popleft(), self._result
        self._result = None
        if result is None or answer.cancelled():
            return
        if result.status == ExecStatus.TUPLES_OK:
            is_true = result.get_value(0, 0) == _TRUE
            answer.set_result(is_true)
            if is_true:
                self._due.append(then)
        else:
            answer.set_exception(error_from_result(result))

    def _fail(self, error: OperationalError) -> None:
        """The connection broke: whether the statements were carried out, nobody knows."""
        self._let_go()
        self._pgconn.finish()
        while self._awaited:
            answer, _ = self._awaited.popleft()
            if not answer.cancelled():
                answer.set_exception(error)

    def _let_go(self) -> None:
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)


class Wires:
    """As many as are wanted at once, up to `most`; opened when they are first needed."""

    def __init__(self, connect: Connect, statement: Statement, most: int) -> None:
        self._connect = connect
        self._statement = statement
        self._free = asyncio.Semaphore(most)
        self._idle: list[Wire] = []

    async def acquire(self) -> Wire:
        """One that nobody else uses until it is released. Raises psycopg's errors."""
        await self._free.acquire()
        try:
            return self._take() or await self._open()
        except BaseException:
            self._free.release()
            raise

    async def release(self, wire: Wire) -> None:
        """Gives it back; one that broke, or whose answers nobody awaited, is closed."""
        try:
            if wire.is_idle:
                self._idle.append(wire)
            else:
                await wire.close()
        finally:
            self._free.release()

    async def close(self) -> None:
        """Closes those that nobody uses."""
        while self._idle:
            await self._idle.pop().close()

    def _take(self) -> Wire | None:
        while self._idle:
            wire = self._idle.pop()
            if wire.is_idle:
                return wire
        return None

    async def _open(self) -> Wire:
        connection = await self._connect()
        await connection.execute(b"PREPARE " + _NAME + b" AS " + self._statement.text)
        return Wire(connection, self._statement)
