"""An ingest store as a process has it, for tests that deliver to it without the web around."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from common.times import utc_now
from cti.events.entries import LogEntry
from cti.events.pool import make_pool
from cti.ingest.batcher import Batcher
from cti.ingest.parse import parse_delivery
from cti.ingest.plan import Incoming
from cti.ingest.store import IngestStore
from tests.connected import Connected


class Station:
    """One process's."""

    def __init__(self, store: IngestStore, published: list[LogEntry]) -> None:
        self.store = store
        self.batcher = Batcher(store)
        self.published = published

    async def deliver(self, connected: Connected, *events: dict[str, Any]) -> None:
        """All in one batch."""
        await self.store(connected.tenant_id, [incoming(connected, event) for event in events])


def incoming(connected: Connected, event: dict[str, Any]) -> Incoming:
    return parse_delivery(
        "kwebbl",
        account_id=connected.account.id,
        subscription_id=None,
        headers={},
        body=json.dumps(event).encode(),
        received_at=utc_now(),
    )


@asynccontextmanager
async def station() -> AsyncIterator[Station]:
    published: list[LogEntry] = []

    def publish(_tenant_id: UUID, entries: Sequence[LogEntry]) -> None:
        published.extend(entries)

    pool = make_pool()
    await pool.open()
    store = IngestStore(pool, publish)
    try:
        yield Station(store, published)
    finally:
        await store.close()
        await pool.close()
