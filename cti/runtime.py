"""What a web process runs beside Django: the ingest and the hub, with their own connections. One event loop, one runtime."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from redis.asyncio import Redis

from cti.events.entries import LogEntry
from cti.events.hints import HintPublisher
from cti.events.log import LogReader
from cti.events.pool import make_pool
from cti.ingest.batcher import Batcher
from cti.ingest.hooks import Hooks
from cti.ingest.routes import Routes
from cti.ingest.store import IngestStore
from cti.live import protocol
from cti.live.consumer import EventsConsumer
from cti.live.hub import Hub
from cti.live.stream import EventStream

PING_SECONDS = 20.0
CLOSE_SECONDS = 3.0


class Runtime:
    """Started with the process's event loop, stopped with it."""

    def __init__(self) -> None:
        self._pool = make_pool()
        self._redis: Redis = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)
        self._hints = HintPublisher(self._redis)
        self._store = IngestStore(self._pool, self._publish)
        self._batcher = Batcher(self._store)
        self.hooks = Hooks(Routes(self._pool), self._batcher)
        self.hub = Hub(self._redis, LogReader(self._pool))
        self._rounds: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await self._pool.open()
        self.hub.start()
        EventsConsumer.hub = EventStream.hub = self.hub
        self._rounds = [asyncio.create_task(self._ping()), asyncio.create_task(self._check_credentials())]

    async def stop(self) -> None:
        """Lets transactions finish, tells sockets to come back, and closes."""
        for task in self._rounds:
            task.cancel()
        for stream in list(EventStream.streams):
            stream.close()
        sockets = [
            asyncio.create_task(socket.close(code=protocol.GOING_AWAY)) for socket in list(EventsConsumer.sockets)
        ]
        if sockets:
            await asyncio.wait(sockets, timeout=CLOSE_SECONDS)
        await self.hooks.follow_ups.stop()
        await self._batcher.drain(CLOSE_SECONDS)
        await self._hints.aclose()
        await self.hub.stop()
        await self._redis.aclose()
        await self._store.close()
        await self._pool.close()

    def _publish(self, tenant_id: UUID, entries: Sequence[LogEntry]) -> None:
        """Tells this process's sockets, then the other processes."""
        self.hub.heed_own(tenant_id, entries)
        self._hints.publish(tenant_id, entries)

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            for client in _clients():
                client.ping()

    async def _check_credentials(self) -> None:
        """Socket after socket, so that many of them never crowd out the requests."""
        while True:
            await asyncio.sleep(PING_SECONDS)
            for client in _clients():
                await client.check_credential()


def _clients() -> list[EventsConsumer | EventStream]:
    return [*EventsConsumer.sockets, *EventStream.streams]
