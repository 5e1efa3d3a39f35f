"""Hints between processes, over Redis pub/sub: what was just appended to a tenant's log. Truth is the log.

A hint carries the events themselves, so that nobody has to read them again; whoever misses one sees a gap in the sequences
(or a head that has moved) and reads the log. Redis being away costs hints, never events, and never an answer to a vendor.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from cti.events.entries import LogEntry

log = structlog.get_logger(__name__)
CHANNEL = "patchbay:log:"
QUEUE_LIMIT = 10_000
RETRY_SECONDS = 0.25
CLOSE_SECONDS = 1.0


def channel_of(tenant_id: UUID) -> str:
    """The channel of a tenant's hints."""
    return CHANNEL + tenant_id.hex


def encode_hint(entries: Sequence[LogEntry]) -> bytes:
    """Consecutive events of one tenant."""
    return _encoder.encode(entries)


def decode_hint(message: bytes) -> list[LogEntry]:
    """The events of a hint; an empty list means: look at the log."""
    return _decoder.decode(message)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[LogEntry])


class HintPublisher:
    """Publishes in the background, in order; while Redis is away it remembers only which tenants have news."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._queue: asyncio.Queue[tuple[UUID, Sequence[LogEntry]]] = asyncio.Queue(QUEUE_LIMIT)
        self._behind: set[UUID] = set()
        self._task: asyncio.Task[None] | None = None

    def publish(self, tenant_id: UUID, entries: Sequence[LogEntry]) -> None:
        """Returns at once."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        if not entries:
            return
        try:
            self._queue.put_nowait((tenant_id, entries))
        except asyncio.QueueFull:
            self._behind.add(tenant_id)

    async def aclose(self) -> None:
        """Sends what is queued, as far as Redis takes it, and ends."""
        if self._task is not None:
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._queue.join()
            except TimeoutError:
                log.warning("hints_not_published_at_the_end")  # other processes' sweeps find the events
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            tenant_id, entries = await self._queue.get()
            self._queue.task_done()
            try:
                await self._redis.publish(channel_of(tenant_id), encode_hint(entries))
            except (RedisError, OSError) as error:
                self._behind.add(tenant_id)
                log.warning("hint_not_published", error=type(error).__name__)
                await self._catch_up()

    async def _catch_up(self) -> None:
        """Redis was away: tells every tenant that has news to look at the log, once it is back."""
        while self._behind:
            await asyncio.sleep(RETRY_SECONDS)
            while not self._queue.empty():
                self._behind.add(self._queue.get_nowait()[0])
                self._queue.task_done()
            try:
                for tenant_id in list(self._behind):
                    await self._redis.publish(channel_of(tenant_id), encode_hint(()))
                    self._behind.discard(tenant_id)
            except (RedisError, OSError):
                continue
