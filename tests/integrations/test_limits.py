"""Requests to a vendor are counted together, whoever sends them."""

import asyncio
import uuid

import pytest
from django.conf import LazySettings
from structlog.testing import capture_logs

from integrations.limits import RedisRateLimits

GROUP, WINDOW = "heavy", 60.0


class Clock:
    """A time of the test's own."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def account() -> str:
    """Nobody else counts for this one."""
    return f"acc_{uuid.uuid4().hex}"


async def take(limits: RedisRateLimits, times: int, limit: int = 3, group: str = GROUP) -> list[float]:
    return [await limits.take(group, limit=limit, window_s=WINDOW) for _ in range(times)]


async def test_never_more_than_the_limit_in_any_window(account: str, clock: Clock) -> None:
    limits = RedisRateLimits(account, clock=clock)
    assert await take(limits, 2) == [0, 0]
    clock.now += 50
    assert await take(limits, 2) == [0, 10]  # the third; the fourth when the first is a minute old
    clock.now += 11
    assert await take(limits, 3) == [0, 0, 49]


async def test_processes_and_groups(account: str, clock: Clock) -> None:
    one, another = RedisRateLimits(account, clock=clock), RedisRateLimits(account, clock=clock)
    answers = await asyncio.gather(*(each.take(GROUP, limit=5, window_s=WINDOW) for each in (one, another) * 10))
    assert len([each for each in answers if each == 0]) == 5
    assert await take(one, 1, group="light") == [0]
    assert await take(RedisRateLimits(account + "x", clock=clock), 1) == [0]


async def test_what_others_sent_is_learnt(account: str, clock: Clock) -> None:
    limits = RedisRateLimits(account, clock=clock)
    await take(limits, 1, limit=5)
    await limits.learn(GROUP, limit=5, remaining=1, window_s=WINDOW)
    assert await take(limits, 2, limit=5) == [0, 60]
    clock.now += 61
    assert await take(limits, 1, limit=5) == [0]


async def test_other_limit_than_documented(account: str, clock: Clock) -> None:
    limits = RedisRateLimits(account, clock=clock)
    await limits.learn(GROUP, limit=2, remaining=2, window_s=WINDOW)
    assert await take(limits, 3) == [0, 0, 60]
    await limits.learn(GROUP, limit=100, remaining=98, window_s=WINDOW)
    assert await take(limits, 5) == [0] * 5


async def test_pause(account: str, clock: Clock) -> None:
    limits = RedisRateLimits(account, clock=clock)
    await limits.pause(GROUP, 30)
    [wait] = await take(limits, 1)
    assert 29 < wait <= 30
    assert await take(limits, 1, group="light") == [0]


async def test_redis_that_is_away_costs_foresight_and_nothing_else(account: str, settings: LazySettings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with capture_logs() as logs:
        assert await take(RedisRateLimits(account), 5, limit=1) == [0] * 5
    assert {each["event"] for each in logs} == {"requests to a vendor aren't counted"}
