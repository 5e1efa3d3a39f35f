"""Hints by themselves: nothing waits for Redis, what comes meanwhile goes together, and what was missed is told of."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast
from uuid import UUID

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from common.times import utc_now
from cti.events import hints
from cti.events.entries import LogEntry
from cti.events.hints import HintPublisher, channel_of, decode_hint, encode_hint, last_of_hint

ONE, OTHER = UUID(int=1), UUID(int=2)


def entries(*sequences: int) -> list[LogEntry]:
    return [LogEntry(number, "call.delivered", None, [], "{}", utc_now()) for number in sequences]


class SlowRedis:
    """Takes messages once it is open; `refusals` more it refuses first, as if it were away."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[int]]] = []
        self.open = asyncio.Event()
        self.refusals = 0

    async def publish(self, channel: str, message: bytes) -> None:
        await self.open.wait()
        if self.refusals:
            self.refusals -= 1
            raise RedisConnectionError
        self.taken.append((channel, [entry.sequence for entry in decode_hint(message)]))

    async def took(self, count: int) -> list[tuple[str, list[int]]]:
        async with asyncio.timeout(5):
            while len(self.taken) < count:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.001)
        return self.taken


@pytest.fixture
async def redis() -> SlowRedis:
    return SlowRedis()


@pytest.fixture
async def publisher(redis: SlowRedis, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HintPublisher]:
    monkeypatch.setattr(hints, "RETRY_SECONDS", 0.001)
    made = HintPublisher(cast(Redis, redis))
    yield made
    await made.aclose()


def test_hint_says_first_where_it_ends() -> None:
    assert last_of_hint(encode_hint(entries(7, 8, 9))) == 9
    assert last_of_hint(encode_hint([])) == 0
    assert decode_hint(encode_hint([])) == []


async def test_what_comes_while_redis_takes_a_hint_shares_the_next(redis: SlowRedis, publisher: HintPublisher) -> None:
    publisher.publish(ONE, entries(1))
    await asyncio.sleep(0)  # the first one is on its way
    await asyncio.sleep(0)
    publisher.publish(ONE, entries(2, 3))
    publisher.publish(OTHER, entries(1))
    publisher.publish(ONE, entries(4))
    redis.open.set()
    assert await redis.took(3) == [
        (channel_of(ONE), [1]),
        (channel_of(ONE), [2, 3, 4]),
        (channel_of(OTHER), [1]),
    ]


async def test_after_redis_was_away_everybody_is_told_to_look_at_the_log(
    redis: SlowRedis, publisher: HintPublisher
) -> None:
    redis.refusals = 2
    redis.open.set()
    publisher.publish(ONE, entries(1))
    publisher.publish(OTHER, entries(1, 2))
    assert sorted(await redis.took(2)) == [(channel_of(ONE), []), (channel_of(OTHER), [])]
    publisher.publish(ONE, entries(2))
    assert (await redis.took(3))[2] == (channel_of(ONE), [2])


async def test_more_than_can_wait_is_left_to_the_log(
    redis: SlowRedis, publisher: HintPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hints, "MAX_QUEUED", 2)
    publisher.publish(ONE, entries(1, 2))
    publisher.publish(ONE, entries(3))
    redis.open.set()
    assert await redis.took(2) == [(channel_of(ONE), [1, 2]), (channel_of(ONE), [])]
