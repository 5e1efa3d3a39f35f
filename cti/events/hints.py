"""Hints between processes, over Redis pub/sub: what was just appended to a tenant's log. Truth is the log.

A hint carries the events themselves, so that nobody has to read them again; whoever misses one sees a gap in the sequences
(or a head that has moved) and reads the log. Redis being away costs hints, never events, and never an answer to a vendor.
"""

import asyncio
from collections.abc import Sequence
from struct import Struct
from uuid import UUID

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from cti.events.entries import LogEntry

log = structlog.get_logger(__name__)
CHANNEL = "patchbay:log:"
MAX_QUEUED = 10_000
"""Events; beyond, who is to hear of them is told to look at the log."""
MAX_TOGETHER = 200
APART_SECONDS = 0.016
"""Between the hints of a busy process: what comes meanwhile goes together. The first after a silence goes at once."""
RETRY_SECONDS = 0.25
CLOSE_SECONDS = 1.0


def channel_of(tenant_id: UUID) -> str:
    """The channel of a tenant's hints."""
    return CHANNEL + tenant_id.hex


def encode_hint(entries: Sequence[LogEntry]) -> bytes:
    """Consecutive events of one tenant, the last one's sequence first: who has that already needn't read on."""
    return _LAST.pack(entries[-1].sequence if entries else 0) + _encoder.encode(entries)


def last_of_hint(message: bytes) -> int:
    """The sequence of the last event of a hint; 0 where it has none."""
    (sequence,) = _LAST.unpack_from(message)
    return int(sequence)


def decode_hint(message: bytes) -> list[LogEntry]:
    """The events of a hint; an empty list means: look at the log."""
    return _decoder.decode(message[_LAST.size :])


_LAST = Struct("!q")

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[LogEntry])


class HintPublisher:
    """Publishes in the background, in order; what comes while Redis takes one hint shares the tenant's next.

    While Redis is away it remembers only which tenants have news.
    """

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._queued: dict[UUID, list[LogEntry]] = {}
        self._count = 0
        self._behind: set[UUID] = set()
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None

    def publish(self, tenant_id: UUID, entries: Sequence[LogEntry]) -> None:
        """Returns at once."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        if not entries:
            return
        if self._count + len(entries) > MAX_QUEUED:
            self._behind.add(tenant_id)
        else:
            self._queued.setdefault(tenant_id, []).extend(entries)
            self._count += len(entries)
        self._idle.clear()
        self._news.set()

    async def aclose(self) -> None:
        """Sends what is queued, as far as Redis takes it, and ends."""
        if self._task is not None:
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._idle.wait()
            except TimeoutError:
                log.warning("hints_not_published_at_the_end")  # other processes' sweeps find the events
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                while self._queued:
                    tenant_id = next(iter(self._queued))
                    await self._send(tenant_id, self._queued.pop(tenant_id))
                while self._behind:
                    await self._send(self._behind.pop(), [])
            except (RedisError, OSError) as error:
                log.warning("hint_not_published", error=type(error).__name__)
                self._give_up()
                await asyncio.sleep(RETRY_SECONDS)
                self._news.set()
            else:
                if not self._queued:
                    self._idle.set()
                await asyncio.sleep(APART_SECONDS)

    async def _send(self, tenant_id: UUID, entries: list[LogEntry]) -> None:
        """In several hints where there is much to tell; an empty one says: look at the log."""
        self._count -= len(entries)
        try:
            for first in range(0, len(entries) or 1, MAX_TOGETHER):
                await self._redis.publish(channel_of(tenant_id), encode_hint(entries[first : first + MAX_TOGETHER]))
        except (RedisError, OSError):
            self._behind.add(tenant_id)
            raise

    def _give_up(self) -> None:
        """Redis is away: once it is back, every tenant that has news is told to look at the log."""
        self._behind.update(self._queued)
        self._queued.clear()
        self._count = 0
