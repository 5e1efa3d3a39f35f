"""The count of an account's requests that keeps it within its vendor's rate limits, in Redis: all processes share it.

A log of the times of requests, cut off at the window's length (so that no window of that length ever holds more than the limit,
wherever the vendor lets its own begin), a learnt limit, and a pause. Redis being away costs foresight: requests are sent
uncounted then, and the vendor's own refusals are what is left to go by.
"""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import structlog
from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
_LEARNT_FOR_WINDOWS = 10
_AT_ONCE: dict[str, Any] = {"single_connection_client": True, "driver_info": None}
"""A connection for one script, without a pool or words about the client: event loops come and go with commands."""
_TAKE = """
local wait = redis.call('PTTL', KEYS[2])
if wait > 0 then return wait end
local now, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local limit = tonumber(redis.call('GET', KEYS[3]) or ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
if redis.call('ZCARD', KEYS[1]) < limit then
  redis.call('ZADD', KEYS[1], now, ARGV[4])
  redis.call('PEXPIRE', KEYS[1], window)
  return 0
end
return redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] + window - now
"""
_LEARN = """
local now, window, limit, remaining = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
redis.call('SET', KEYS[3], limit, 'PX', ARGV[6])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
for number = redis.call('ZCARD', KEYS[1]) + 1, limit - remaining do
  redis.call('ZADD', KEYS[1], now, ARGV[5] .. number)
end
redis.call('PEXPIRE', KEYS[1], window)
"""
"""Requests that the vendor counts and we don't were sent by others: they count as if sent now."""


class RedisRateLimits:
    """RateLimits of one account."""

    def __init__(self, account_id: str, *, clock: Callable[[], float] = time.time) -> None:
        self._account_id = account_id
        self._clock = clock

    async def take(self, group: str, *, limit: int, window_s: float) -> float:
        wait = await self._run(_TAKE, group, self._now(), _ms(window_s), limit, uuid4().hex)
        return max(0, wait) / 1000

    async def learn(self, group: str, *, limit: int, remaining: int, window_s: float) -> None:
        kept = _ms(window_s) * _LEARNT_FOR_WINDOWS
        await self._run(_LEARN, group, self._now(), _ms(window_s), limit, remaining, uuid4().hex, kept)

    async def pause(self, group: str, seconds: float) -> None:
        await self._run("redis.call('SET', KEYS[2], '1', 'PX', ARGV[1])", group, max(1, _ms(seconds)))

    def _now(self) -> int:
        return _ms(self._clock())

    async def _run(self, script: str, group: str, *arguments: str | int) -> int:
        name = f"patchbay:limits:{self._account_id}:{group}"
        try:
            async with Redis.from_url(settings.REDIS_URL, **_AT_ONCE) as redis:
                return int(await redis.eval(script, 3, name, f"{name}:pause", f"{name}:limit", *arguments) or 0)
        except (RedisError, OSError) as error:
            log.warning("requests to a vendor aren't counted", account=self._account_id, error=type(error).__name__)
            return 0


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
