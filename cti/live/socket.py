"""One client's side of the live protocol: catching up, then the live feed, through a bounded queue of its own."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol
from uuid import UUID

import structlog
from msgspec import structs

from common import eager
from cti.events.entries import LogEntry
from cti.live import protocol
from cti.live.hub import Feed, Hub

log = structlog.get_logger(__name__)
MAX_QUEUED = 2000
"""Frames that wait for a slow client; one more and it is cut off, to come back and resume from its sequence."""


class Outbox:
    """Frames on their way to one client: sent at once, or by a task that lives only while the client has to be waited for."""

    def __init__(self, send: Callable[[str], Awaitable[None]], overflow: Callable[[], None]) -> None:
        self._send = send
        self._overflow = overflow
        self._frames: deque[str] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def put(self, frame: str) -> None:
        """Queues a frame; too many, and the client is cut off."""
        if self._closed:
            return
        if len(self._frames) >= MAX_QUEUED:
            self.close()
            self._overflow()
            return
        self._frames.append(frame)
        if self._task is None:
            self._task = eager.begin(self._drain())

    async def flushed(self) -> None:
        """Waits until the client has taken everything: how replay keeps pace with it."""
        if self._task is not None:
            await self._task

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        self._closed = True
        self._frames.clear()

    async def _drain(self) -> None:
        try:
            while self._frames:
                await self._send(self._frames.popleft())
        except (RuntimeError, OSError):  # the socket is gone; its consumer hears of it by itself
            self.close()
        except Exception:
            # A defect of ours: whoever puts a frame has it for others, too. This client comes back and resumes.
            log.exception("frame_not_sent")
            self.close()
            self._overflow()
        finally:
            self._task = None


class Sink(Protocol):
    """Where a subscription's frames go: an Outbox, or what a client reads from."""

    @property
    def closed(self) -> bool: ...

    def put(self, frame: str) -> None: ...

    async def flushed(self) -> None:
        """Waits until the client has taken everything."""
        ...


class LiveSubscription:
    """Sends a tenant's events to one client, in order, each once: first from the log, then live."""

    def __init__(self, hub: Hub, outbox: Sink, wanted: protocol.Filter) -> None:
        self.hub = hub
        self._outbox = outbox
        self._wanted = wanted
        self._feed: Feed | None = None
        self.position = 0

    async def begin(self, feed: Feed, after: int | None) -> None:
        """Says `ready`, replays what follows `after`, and goes live without a gap."""
        self._feed = feed
        self.position = feed.head if after is None else await self._start(feed, after)
        self._outbox.put(self.encode_ready(feed.head))
        while self.position < feed.head and not self._outbox.closed:
            entries = await self.hub.reader.after(feed.tenant_id, self.position)
            for entry in entries:
                self._take(entry, protocol.event(entry))
            if not entries:
                break  # the oldest part of the log has been purged
            await self._outbox.flushed()
        if self._feed is not None:  # it may have ended meanwhile
            feed.subscribers.add(self)

    async def _start(self, feed: Feed, after: int) -> int:
        """A client may be ahead of this process's feed, having heard from another one; never of the log itself."""
        if after <= feed.head:
            return after
        return min(after, (await self.hub.reader.heads([feed.tenant_id])).get(feed.tenant_id, 0))

    def restrict(self, own: frozenset[UUID] | None) -> None:
        """An agent's lines may change while the socket is open: from now on only the calls of these."""
        self._wanted = structs.replace(self._wanted, own=own)

    async def end(self) -> None:
        feed, self._feed = self._feed, None
        if feed is not None:
            await self.hub.leave(feed, self)

    def offer(self, entry: LogEntry, frame: str) -> None:
        if entry.sequence > self.position:
            self._take(entry, frame)

    def _take(self, entry: LogEntry, frame: str) -> None:
        self.position = entry.sequence
        if self._wanted.everything or self._wanted.passes(entry):
            self._outbox.put(self.encode(entry, frame))

    def encode_ready(self, sequence: int) -> str:
        """What a client hears first. Transports of their own override these two."""
        return protocol.ready(sequence)

    def encode(self, entry: LogEntry, frame: str) -> str:
        """An event; `frame` is the socket's, made once for all clients."""
        return frame
