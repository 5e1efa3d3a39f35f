"""Coroutines that begin at once: most of those that could wait don't have to, and then cost no task and no round of the loop."""

import asyncio
from collections.abc import Coroutine, Generator
from functools import partial
from types import coroutine
from typing import Any


def begin(work: Coroutine[Any, Any, None]) -> "asyncio.Task[None] | None":
    """Runs it until it first has to wait: the rest of it is the task that is returned, None when it is done.

    Raises what it raises until then. What it does before it waits must not need a task, as `asyncio.timeout` does.
    """
    try:
        awaited = work.send(None)
    except StopIteration:
        return None
    return asyncio.create_task(_finish(work, awaited))


async def _finish(work: Coroutine[Any, Any, None], awaited: Any) -> None:
    await _go_on(work, awaited)


@coroutine
def _go_on(work: Coroutine[Any, Any, None], awaited: Any) -> Generator[Any, Any, None]:
    """Waits in its stead, time and again: `yield from` can't, since the first wait has begun already."""
    while True:
        try:
            advance = partial(work.send, (yield awaited))
        except BaseException as error:  # a cancellation, say: it is the work's to handle
            advance = partial(work.throw, error)
        try:
            awaited = advance()
        except StopIteration:
            return
