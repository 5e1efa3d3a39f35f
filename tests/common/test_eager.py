"""Coroutines that begin at once: what is done by when, and whose the errors and cancellations are."""

import asyncio

import pytest

from common import eager


async def test_what_needs_no_waiting_is_done_at_once_and_leaves_no_task() -> None:
    done: list[str] = []

    async def work() -> None:
        await asyncio.Event.wait(_set())
        done.append("all")

    assert eager.begin(work()) is None
    assert done == ["all"]


async def test_the_rest_is_a_task_that_waits_as_often_as_it_has_to() -> None:
    gate, told = asyncio.Event(), asyncio.get_running_loop().create_future()
    steps: list[object] = []

    async def work() -> None:
        steps.append("begun")
        await gate.wait()
        await asyncio.sleep(0)
        steps.append(await told)

    task = eager.begin(work())
    assert (steps, task is not None) == (["begun"], True)
    gate.set()
    told.set_result("told")
    assert task is not None
    await asyncio.wait_for(task, 10)
    assert steps == ["begun", "told"]


async def test_errors_are_the_callers_before_the_first_wait_and_the_tasks_after_it() -> None:
    async def fail_at_once() -> None:
        raise ValueError("at once")

    async def fail_later() -> None:
        await asyncio.sleep(0)
        raise ValueError("later")

    with pytest.raises(ValueError, match="at once"):
        eager.begin(fail_at_once())
    task = eager.begin(fail_later())
    assert task is not None
    with pytest.raises(ValueError, match="later"):
        await asyncio.wait_for(task, 10)


async def test_what_is_awaited_may_fail_and_the_work_may_handle_it() -> None:
    broken, handled = asyncio.get_running_loop().create_future(), []

    async def work() -> None:
        try:
            await broken
        except OSError as error:
            handled.append(str(error))

    task = eager.begin(work())
    broken.set_exception(OSError("gone"))
    assert task is not None
    await asyncio.wait_for(task, 10)
    assert handled == ["gone"]


async def test_cancelling_the_task_cancels_the_work() -> None:
    left: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            left.append("in order")

    task = eager.begin(work())
    assert task is not None
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left == ["in order"]


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event
