"""Asking a vendor many things of a kind."""

from asyncio import Semaphore, ensure_future, gather
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

AT_ONCE = 8
T = TypeVar("T")


async def ask_each(items: Iterable[str], ask: Callable[[str], Awaitable[T]]) -> list[T]:
    """Asks for each, a few at once; answers in the same order. The first failure is raised, and ends the others."""
    at_once = Semaphore(AT_ONCE)

    async def one(item: str) -> T:
        async with at_once:
            return await ask(item)

    tasks = [ensure_future(one(item)) for item in items]
    try:
        return await gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await gather(*tasks, return_exceptions=True)
