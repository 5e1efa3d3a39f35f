"""One connection of an account: opened, read to its end, every payload stored before the next one is read."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import cast
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from channels.db import database_sync_to_async
from msgspec import Struct, field
from prometheus_client import Counter

from common.times import utc_now
from cti.ingest.batcher import Batcher, Overloaded, StorageUnavailable
from cti.ingest.follow_up import FollowUps
from cti.ingest.parse import parse_delivery
from cti.streams.health import note_connected
from cti.streams.leases import Held, LeaseLost, Leases
from integrations.adapters import open_adapter
from integrations.contract.adapter import PbxAdapter
from integrations.contract.errors import VendorUnavailable
from integrations.contract.streams import Alive, Connected, Received, StreamItem
from integrations.http import SharedHttp

log = structlog.get_logger(__name__)
CONNECT_SECONDS = 30.0
CONNECTING_AT_ONCE = 20
"""To one host. Hosts don't wait for each other: one that is slow or dead delays its own accounts alone."""
STORE_AGAIN_SECONDS = 0.5
ITEMS = Counter("patchbay_stream_items_total", "What came over streams", ["vendor", "kind"])


def _gates() -> defaultdict[str, asyncio.Semaphore]:
    return defaultdict(lambda: asyncio.Semaphore(CONNECTING_AT_ONCE))


class Services(Struct):
    """What all streams of a process share."""

    leases: Leases
    batcher: Batcher
    follow_ups: FollowUps
    http: SharedHttp
    gates: defaultdict[str, asyncio.Semaphore] = field(default_factory=_gates)
    """How many connections are being made, by host."""


class Connection:
    """Made for one attempt; `connected_at`, by the event loop's clock, tells whether and since when it stood."""

    def __init__(self, held: Held, services: Services, *, gap: bool) -> None:
        self._held = held
        self._services = services
        self._gap = gap
        self._subscription_id: UUID | None = None
        self.connected_at: float | None = None

    def stood_for(self) -> float:
        """Seconds; 0 for one that never stood."""
        return 0.0 if self.connected_at is None else asyncio.get_running_loop().time() - self.connected_at

    async def run(self) -> None:
        """Returns when the vendor has ended it. Raises VendorError, and LeaseLost."""
        async with (
            open_adapter(self._held.tenant_id, self._held.account_id, self._services.http) as adapter,
            aclosing(cast("AsyncGenerator[StreamItem]", adapter.stream())) as items,
        ):
            async with self._services.gates[urlsplit(adapter.account.base_url).netloc]:
                item = await _next(items, CONNECT_SECONDS)
            while item is not None:
                await self._take(adapter, item)
                item = await _next(items, adapter.stream_silence)

    async def _take(self, adapter: PbxAdapter, item: StreamItem) -> None:
        if not self._services.leases.is_valid:
            raise LeaseLost
        ITEMS.labels(adapter.key, type(item).__name__.lower()).inc()
        match item:
            case Connected():
                if item.detail:
                    log.info("stream_connected", account=adapter.account.id, detail=item.detail)
                await self._note_connected(adapter, item)
            case Received():
                await self._store(adapter, item)
            case Alive():
                pass

    async def _note_connected(self, adapter: PbxAdapter, item: Connected) -> None:
        held, leases = self._held, self._services.leases
        gap = item.gap or self._gap
        noted = None if item.warning else await leases.note_again(held, gap=gap)
        self._subscription_id = noted or await database_sync_to_async(note_connected)(
            held.tenant_id, held.account_id, leases.runner, adapter, gap=gap, note=item.warning
        )
        if self._subscription_id is None:
            raise LeaseLost
        self._gap = False
        self.connected_at = asyncio.get_running_loop().time()

    async def _store(self, adapter: PbxAdapter, item: Received) -> None:
        """As a webhook's delivery; while the database is away the vendor's next payload has to wait."""
        incoming = parse_delivery(
            adapter.key,
            account_id=self._held.account_id,
            subscription_id=self._subscription_id,
            headers=item.headers,
            body=item.body,
            received_at=utc_now(),
        )
        while True:
            try:
                await self._services.batcher.submit(self._held.tenant_id, incoming)
            except (Overloaded, StorageUnavailable):
                await asyncio.sleep(STORE_AGAIN_SECONDS)
            else:
                break
        for about in incoming.reconcile:
            self._services.follow_ups.ask(self._held.tenant_id, self._held.account_id, about)


async def _next(items: AsyncIterator[StreamItem], seconds: float) -> StreamItem | None:
    """None at the end. Raises VendorUnavailable when nothing came for so long: the connection counts as dead."""
    try:
        async with asyncio.timeout(seconds) as patience:
            return await anext(items, None)
    except TimeoutError as error:
        if not patience.expired():
            raise
        raise VendorUnavailable(f"The PBX said nothing for {seconds:.0f} s.") from error
