"""Many questions at once, such as thousands of streams have when a process takes them over, asked together."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

import psycopg
from django.db import DatabaseError

MOST = 200
DATABASE_AWAY = (DatabaseError, psycopg.Error)
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Gathering(Generic[K, V]):
    """Questions that come while others are being answered are asked together next.

    `answer` answers those that it can. Where it raises, each question is asked alone, so that its trouble is its own, unless
    it is the database's.
    """

    def __init__(self, answer: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._answer = answer
        self._waiting: list[tuple[K, asyncio.Future[V | None]]] = []
        self._running: asyncio.Task[None] | None = None

    async def ask(self, question: K) -> V | None:
        """None where there is no answer. Raises what `answer` raises."""
        answer: asyncio.Future[V | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            await self._ask(batch)
        self._running = None

    async def _ask(self, batch: Sequence[tuple[K, "asyncio.Future[V | None]"]]) -> None:
        try:
            found = await self._answer([question for question, _ in batch])
        except Exception as error:
            if len(batch) == 1 or isinstance(error, DATABASE_AWAY):
                for _, answer in batch:
                    if not answer.done():  # whoever asked may be gone
                        answer.set_exception(error)
                return
            for each in batch:
                await self._ask([each])
            return
        for question, answer in batch:
            if not answer.done():
                answer.set_result(found.get(question))
