"""The ingest for processes that aren't asked by vendors, but ask them: streams, and comparing calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg
from django.conf import settings
from redis.asyncio import Redis

from cti.events.hints import HintPublisher
from cti.events.pool import make_pool
from cti.ingest.batcher import Batcher
from cti.ingest.store import IngestStore

DRAIN_SECONDS = 2.0


@asynccontextmanager
async def open_intake(connections: int = 4, *, warm: bool = False) -> AsyncIterator[Batcher]:
    """A batcher with connections of its own; at the end it lets transactions finish, and their hints be sent.

    A `warm` one keeps its connections ready, so that the first events after a silence are as fast as others.
    """
    pool = make_pool(connections, min_size=connections if warm else 0)
    redis: Redis = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)
    hints = HintPublisher(redis)
    store = IngestStore(pool, hints.publish)
    batcher = Batcher(store)
    await pool.open()
    if warm:
        with suppress(psycopg.Error):  # whoever comes first waits then
            await store.warm()
    try:
        yield batcher
    finally:
        await batcher.drain(DRAIN_SECONDS)
        await hints.aclose()
        await redis.aclose()
        await store.close()
        await pool.close()
