"""The ingest for processes that aren't asked by vendors, but ask them: streams, and comparing calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.conf import settings
from redis.asyncio import Redis

from cti.events.hints import HintPublisher
from cti.events.pool import make_pool
from cti.ingest.batcher import Batcher
from cti.ingest.store import IngestStore

DRAIN_SECONDS = 2.0


@asynccontextmanager
async def open_intake(connections: int = 4) -> AsyncIterator[Batcher]:
    """A batcher with connections of its own; at the end it lets transactions finish, and their hints be sent."""
    pool = make_pool(connections)
    redis: Redis = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)
    hints = HintPublisher(redis)
    store = IngestStore(pool, hints.publish)
    batcher = Batcher(store)
    await pool.open()
    try:
        yield batcher
    finally:
        await batcher.drain(DRAIN_SECONDS)
        await hints.aclose()
        await redis.aclose()
        await store.close()
        await pool.close()
