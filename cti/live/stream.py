"""GET /events/stream: the log as server-sent events, for clients that only listen. The same feed as the socket's."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import ClassVar

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.db import DatabaseError
from psycopg_pool import PoolTimeout

from cti.events.entries import LogEntry
from cti.live.credentials import Credential
from cti.live.hub import Hub
from cti.live.protocol import Filter
from cti.live.socket import MAX_QUEUED, LiveSubscription
from tenants.principals import CredentialRefused

log = structlog.get_logger(__name__)
_RETRY_MS = 1000
"""When a browser connects again by itself."""


class NotLive(Exception):
    """This process doesn't follow the log."""


class Frames:
    """Frames that wait for a client to take them: an Outbox that is read from. Too many, and it closes."""

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._news = asyncio.Event()
        self._taken = asyncio.Event()
        self._taken.set()
        self.closed = False

    def put(self, frame: str) -> None:
        if len(self._waiting) >= MAX_QUEUED:
            self.close()
        elif not self.closed:
            self._waiting.append(frame)
            self._news.set()
            self._taken.clear()

    async def take(self) -> str | None:
        """The next frame, when there is one; None at the end."""
        await self._news.wait()
        if self.closed:
            return None
        frame = self._waiting.popleft()
        if not self._waiting:
            self._news.clear()
            self._taken.set()
        return frame

    async def flushed(self) -> None:
        await self._taken.wait()

    def close(self) -> None:
        self.closed = True
        self._waiting.clear()
        self._news.set()
        self._taken.set()


class _Subscription(LiveSubscription):
    """Frames as the event stream format has them: an id is the sequence, so that Last-Event-ID resumes."""

    def encode_ready(self, sequence: int) -> str:
        return f"retry: {_RETRY_MS}\n: ready {sequence}\n\n"

    def encode(self, entry: LogEntry, frame: str) -> str:
        return f"id: {entry.sequence}\nevent: {entry.type}\ndata: {entry.body}\n\n"


class EventStream:
    """One client's stream: iterating it sends. It ends when the client is too slow or its credential no longer holds."""

    streams: "ClassVar[set[EventStream]]" = set()
    hub: ClassVar[Hub | None] = None
    """The process's."""

    def __init__(self, credential: Credential, wanted: Filter, after: int | None) -> None:
        """Raises NotLive where no hub runs."""
        if self.hub is None:
            raise NotLive("This process doesn't serve live events.")
        self._credential = credential
        self._after = after
        self._frames = Frames()
        self._subscription = _Subscription(self.hub, self._frames, wanted)

    async def __aiter__(self) -> AsyncIterator[str]:
        self.streams.add(self)
        beginning = asyncio.create_task(self._begin())  # its replay waits for what is taken here
        try:
            while (frame := await self._frames.take()) is not None:
                yield frame
        finally:
            self.streams.discard(self)
            self.close()
            beginning.cancel()
            await self._subscription.end()

    async def _begin(self) -> None:
        try:
            feed = await self._subscription.hub.feed(self._credential.principal.tenant_id)
            await self._subscription.begin(feed, self._after)
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("live_unavailable", error=type(error).__name__)
            self.close()

    def ping(self) -> None:
        """Keeps the connection alive; the id moves a filtered client's place in the log on, without an event."""
        self._frames.put(f": ping\nid: {self._subscription.position}\n\n")

    async def check_credential(self) -> None:
        """Ends the stream of a client whose key was revoked or whose session ended since."""
        try:
            await sync_to_async(self._credential.renew)()
            self._subscription.restrict(self._credential.own_extensions)
        except CredentialRefused:
            self.close()
        except DatabaseError as error:
            log.warning("credential_not_checked", error=type(error).__name__)  # the next round asks again

    @property
    def closed(self) -> bool:
        """Whether it has ended, or is about to."""
        return self._frames.closed

    def close(self) -> None:
        """Ends the stream; its client connects again and resumes."""
        self._frames.close()
