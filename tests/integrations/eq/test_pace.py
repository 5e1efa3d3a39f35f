"""When the poller asks: fast while there are calls, not before a Retry-After has passed, and nothing beside what it asks for."""

from collections import Counter
from typing import Any

import pytest

from integrations.contract.errors import VendorUnavailable
from integrations.vendors.eq import polling as eq_polling
from tests.integrations.eq.fake import LISTS, Answers, faked
from tests.integrations.eq.pictures import line
from tests.integrations.fake import Answer

CALLS = "GET /active_calls"
TALKING = Answer([line("502", "talking")])


class Steps:
    """In place of Pace: so many steps, one at once after the other; what the poller says at each is kept."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.busy = False
        self.was_busy: list[bool] = []
        self.waits: list[float | None] = []

    def heed(self, error: VendorUnavailable) -> None:
        self.waits.append(error.retry_after)

    def __aiter__(self) -> "Steps":
        return self

    async def __anext__(self) -> None:
        self.was_busy.append(self.busy)
        if self.left == 0:
            raise StopAsyncIteration
        self.left -= 1


async def paced(monkeypatch: pytest.MonkeyPatch, answers: Answers, steps: int, **settings: Any) -> tuple[Steps, Any]:
    """After so many polls."""
    pace = Steps(steps)
    monkeypatch.setattr(eq_polling, "Pace", lambda *_, **__: pace)
    monkeypatch.setattr(eq_polling, "SETTLE_S", 0.0)
    async with faked(answers, **settings) as (adapter, fake):
        async for _ in adapter.stream():
            pass
    return pace, fake


async def test_it_is_busy_from_the_first_sight_of_a_call_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: Answers = {CALLS: [Answer([]), TALKING, TALKING, Answer([])]}
    pace, _ = await paced(monkeypatch, answers, 4)
    assert pace.was_busy == [False, False, True, True, False]


async def test_a_poll_asks_each_thing_once(monkeypatch: pytest.MonkeyPatch) -> None:
    _, fake = await paced(monkeypatch, {}, 3, extensions=["501", "502"])
    asked = Counter(key for key, _, _ in fake.asked)
    assert asked == {f"GET {path}": 3 for path in LISTS} | {CALLS: 6}


async def test_what_is_missing_is_looked_for_once_more_before_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    _, fake = await paced(monkeypatch, {CALLS: [TALKING, Answer([])]}, 2)
    assert len(fake.sent(CALLS)) == 3


async def test_it_waits_as_long_as_it_is_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: Answers = {CALLS: [TALKING, Answer(b"", 429, headers={"Retry-After": "3"}), TALKING]}
    pace, fake = await paced(monkeypatch, answers, 3)
    assert pace.waits == [3.0]
    assert len(fake.sent(CALLS)) == 3


async def test_the_interval_is_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    intervals: list[float] = []

    def pace(interval: float, **_: Any) -> Steps:
        intervals.append(interval)
        return Steps(1)

    monkeypatch.setattr(eq_polling, "Pace", pace)
    for settings in ({}, {"poll_interval_ms": 2500}):
        async with faked({}, None, **settings) as (adapter, _):
            async for _item in adapter.stream():
                pass
    assert intervals == [1.0, 2.5]
