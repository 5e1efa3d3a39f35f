"""When a poller asks: an adapter's `stream()` with `stream_transport = "poll"`, for vendors that tell nothing by themselves.

pace = Pace(interval_s(self.account))
seen = None
async for _ in pace:
    try:
        calls = await self._calls()
    except VendorUnavailable as error:
        pace.heed(error)
        continue
    if seen is None:
        yield Connected(gap=True)
    for body in differences(seen, calls):
        yield Received(body)
    yield Alive()
    seen, pace.busy = calls, bool(calls)
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from math import floor
from typing import Any, Self
from weakref import WeakKeyDictionary

from integrations.contract.adapter import Account
from integrations.contract.errors import VendorUnavailable

SETTING = "poll_interval_ms"
DEFAULT_MS = 1000
QUIET_TIMES = 5
"""How many times as seldom a vendor is asked while there are no calls, unless its adapter says otherwise,"""
LONGEST_QUIET_S = 15.0
"""but not less often than that, unless its account's setting says so. Well below any adapter's `stream_silence`."""
LONGEST_PAUSE_S = 20.0
_STEPS_AT_ONCE = 20
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


def interval_setting(quiet_times: float = QUIET_TIMES) -> Mapping[str, Any]:
    """The JSON Schema of the setting `poll_interval_ms`."""
    return {
        "type": "integer",
        "title": "Time between two questions, in milliseconds",
        "description": f"While there are calls; up to {quiet_times:g} times as long while there are none.",
        "minimum": 200,
        "maximum": 20_000,
        "default": DEFAULT_MS,
    }


def interval_s(account: Account) -> float:
    """What the account's setting says, in seconds."""
    return float(account.settings.get(SETTING, DEFAULT_MS)) / 1000


class Pace:
    """An endless asynchronous iterator: a step each time that the vendor is to be asked.

    The first step comes at once, so that connecting tells whether the vendor answers; the second after a random part of the
    interval, so that thousands of pollers spread over it. From then on each is due an interval after the one before was due,
    however long the asking took; what is missed meanwhile is left out, so one account's questions never overlap.

    `news` may be set by others that have heard of a call: a quiet poller asks at once then, though never sooner than a busy one,
    and is as fast as with calls until the vendor has had the time of a quiet interval to show it. What was told before a
    question is in its answer.
    """

    def __init__(
        self,
        fast_s: float,
        *,
        quiet_times: float | None = None,
        news: asyncio.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.busy = False
        """Whether there are calls, so that changes are to be noticed fast."""
        self._fast = fast_s
        self._quiet = max(fast_s, min(fast_s * (quiet_times or QUIET_TIMES), LONGEST_QUIET_S))
        self._news = news
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._steps = 0
        self._due = self._not_before = self._awake_until = clock()

    def heed(self, error: VendorUnavailable) -> None:
        """Asks nothing before the vendor's Retry-After has passed. Raises the error where it names none, or too long a time.

        A first question that fails is raised too: whoever runs the stream waits then, and shows why.
        """
        if error.retry_after is None or error.retry_after > LONGEST_PAUSE_S or self._steps == 1:
            raise error
        self.rest(error.retry_after)

    def rest(self, seconds: float) -> None:
        """Asks nothing for so long."""
        self._not_before = self._clock() + seconds

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> None:
        if self._steps:
            await self._until_due()
        else:
            self._due = self._clock() - self._interval * self._chance()
        self._steps += 1
        if self._news is not None:
            self._news.clear()

    @property
    def _interval(self) -> float:
        return self._fast if self.busy or self._clock() < self._awake_until else self._quiet

    async def _until_due(self) -> None:
        last, interval, now = self._due, self._interval, self._clock()
        missed = floor((now - last) / interval)
        self._due = max(last + (missed + 1) * interval, self._not_before)
        if self._news is not None and interval > self._fast and await _is_set(self._news, self._due - now):
            now = self._clock()
            self._awake_until = now + self._quiet
            self._due = max(last + self._fast, now, self._not_before)
        await self._sleep(max(0.0, self._due - self._clock()))
        await _in_turn()


async def _is_set(event: asyncio.Event, seconds: float) -> bool:
    """Whether it is, at the latest after so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


async def _in_turn() -> None:
    """Of a process's pollers that are due together, a few begin in each round of the event loop.

    Without it a process that was held up for a moment would ask thousands of questions before it did anything else.
    """
    loop = asyncio.get_running_loop()
    turns = _turns.setdefault(loop, asyncio.Semaphore(_STEPS_AT_ONCE))
    await turns.acquire()
    loop.call_soon(turns.release)
