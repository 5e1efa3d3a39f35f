"""The hub: one a process. It follows the logs of the tenants that have sockets here, and hands each event to each socket once.

Hints over Redis make it fast; the log makes it right: a gap between hints, a moved head or a lost connection to Redis, and the
missing events are read from the log.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Protocol
from uuid import UUID

import psycopg
import structlog
from msgspec import Struct, field
from psycopg_pool import PoolTimeout
from redis.asyncio import Redis
from redis.exceptions import RedisError

from cti.events.entries import LogEntry
from cti.events.hints import CHANNEL, channel_of, decode_hint, last_of_hint
from cti.events.log import PAGE, LogReader
from cti.live import protocol

log = structlog.get_logger(__name__)
SWEEP_SECONDS = 1.0
"""How often heads are compared with the log: bounds how late an event is when its hint was lost."""
RECONNECT_SECONDS = 0.25
_UNAVAILABLE = (psycopg.Error, PoolTimeout, OSError)


class Subscriber(Protocol):
    """A socket that has caught up with the log."""

    def offer(self, entry: LogEntry, frame: str) -> None:
        """Takes the next event without waiting."""
        ...


class Feed(Struct, eq=False):
    """One tenant's log as this process knows it."""

    tenant_id: UUID
    head: int
    users: int = 0
    """Sockets that follow it, or are about to."""
    subscribers: set[Subscriber] = field(default_factory=set)
    catching_up: bool = False
    behind: bool = False


class Hub:
    """Follows logs. `start` and `stop` belong to the process's life; `feed` to a socket's."""

    def __init__(self, redis: "Redis", reader: LogReader) -> None:
        self.reader = reader
        self._redis = redis
        self._pubsub = redis.pubsub(ignore_subscribe_messages=True)
        self._feeds: dict[UUID, Feed] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._opening = asyncio.Lock()

    def start(self) -> None:
        for work in (self._listen(), self._sweep()):
            self._spawn(work)

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._pubsub.aclose()  # type: ignore[no-untyped-call]

    async def feed(self, tenant_id: UUID) -> Feed:
        """The tenant's feed, followed until `leave`. Raises psycopg's errors when the log can't be read."""
        async with self._opening:
            feed = self._feeds.get(tenant_id)
            if feed is None:
                await self._hints(self._pubsub.subscribe, tenant_id)
                feed = Feed(tenant_id, (await self.reader.heads([tenant_id])).get(tenant_id, 0))
                self._feeds[tenant_id] = feed
            feed.users += 1
            return feed

    async def leave(self, feed: Feed, subscriber: Subscriber) -> None:
        """Takes a socket out; the last one ends the feed."""
        feed.subscribers.discard(subscriber)
        async with self._opening:
            feed.users -= 1
            if feed.users == 0:
                del self._feeds[feed.tenant_id]
                await self._hints(self._pubsub.unsubscribe, feed.tenant_id)

    @staticmethod
    async def _hints(change: Callable[[str], Awaitable[None]], tenant_id: UUID) -> None:
        """Subscribes to the tenant's hints, or ends that. Without Redis the sweep still follows the log."""
        try:
            await change(channel_of(tenant_id))
        except (RedisError, OSError) as error:
            log.warning("hints_unavailable", error=type(error).__name__)

    # News.

    def deliver(self, feed: Feed, entries: Sequence[LogEntry]) -> None:
        """Hands on what is new and follows without a gap; a gap is filled from the log."""
        if not entries or entries[0].sequence > feed.head + 1:
            self._catch_up(feed)
            return
        for entry in entries:
            if entry.sequence <= feed.head:
                continue
            feed.head = entry.sequence
            frame = protocol.event(entry)
            for subscriber in tuple(feed.subscribers):
                subscriber.offer(entry, frame)

    def heed_own(self, tenant_id: UUID, entries: Sequence[LogEntry]) -> None:
        """What this very process committed needs no hint, unless another process's events come before it."""
        feed = self._feeds.get(tenant_id)
        if feed is not None and entries and entries[0].sequence == feed.head + 1:
            self.deliver(feed, entries)

    def _catch_up(self, feed: Feed) -> None:
        feed.behind = True
        if not feed.catching_up:
            feed.catching_up = True
            self._spawn(self._read_log(feed))

    async def _read_log(self, feed: Feed) -> None:
        try:
            while feed.behind:
                feed.behind = False
                if entries := await self.reader.after(feed.tenant_id, feed.head):
                    self.deliver(feed, entries)  # skips what hints have brought meanwhile
                    feed.behind |= len(entries) == PAGE
        except _UNAVAILABLE as error:
            log.warning("log_not_readable", error=type(error).__name__)  # the sweep tries again
        finally:
            feed.catching_up = False

    async def _listen(self) -> None:
        while True:
            try:
                if not self._pubsub.subscribed:
                    await asyncio.sleep(RECONNECT_SECONDS / 5)
                    continue
                message = await self._pubsub.get_message(timeout=None)
                if message is not None:
                    self._heed(message["channel"], message["data"])
            except (RedisError, OSError) as error:
                log.warning("hints_interrupted", error=type(error).__name__)
                await asyncio.sleep(RECONNECT_SECONDS)
                for feed in self._feeds.values():
                    self._catch_up(feed)

    def _heed(self, channel: bytes, data: bytes) -> None:
        feed = self._feeds.get(UUID(hex=channel.decode().removeprefix(CHANNEL)))
        if feed is not None and not 0 < last_of_hint(data) <= feed.head:  # as of what this process committed itself
            self.deliver(feed, decode_hint(data))

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            if not self._feeds:
                continue
            try:
                heads = await self.reader.heads(list(self._feeds))
            except _UNAVAILABLE as error:
                log.warning("log_not_readable", error=type(error).__name__)
                continue
            for tenant_id, head in heads.items():
                feed = self._feeds.get(tenant_id)
                if feed is not None and head > feed.head:
                    self._catch_up(feed)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
