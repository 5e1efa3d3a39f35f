"""One connection of an account: opened, read to its end, every payload stored before the next one is read."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import cast
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from channels.db import database_sync_to_async
from prometheus_client import Counter

from common.times import utc_now
from cti.ingest.batcher import Batcher, Overloaded, StorageUnavailable
from cti.ingest.follow_up import FollowUps
from cti.ingest.parse import parse_delivery
from cti.streams.gathering import Gathering
from cti.streams.health import note_connected
from cti.streams.leases import Held, LeaseLost, Leases, Noted
from cti.streams.news import News
from integrations.adapters import VendorsAccount, open_adapter, read_accounts
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


class Services:
    """What all streams of a process share."""

    def __init__(self, leases: Leases, batcher: Batcher, follow_ups: FollowUps, http: SharedHttp, news: News) -> None:
        self.leases = leases
        self.batcher = batcher
        self.follow_ups = follow_ups
        self.http = http
        self.news = news
        self.gates = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(CONNECTING_AT_ONCE))
        """How many connections are being made, by host."""
        # In another thread than Django's own, so that it waits for nothing that is written down of other streams.
        self.accounts = Gathering(database_sync_to_async(_read_accounts, thread_sensitive=False))
        self.connected = Gathering(leases.note_again)
        self.failed = Gathering(leases.note_failed_again)

    async def read_account(self, tenant_id: UUID, account_id: UUID) -> VendorsAccount | None:
        return await self.accounts.ask((tenant_id, account_id))


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
            open_adapter(
                self._held.tenant_id, self._held.account_id, self._services.http, self._services.read_account
            ) as adapter,
            aclosing(cast("AsyncGenerator[StreamItem]", adapter.stream())) as items,
        ):
            async with self._services.gates[urlsplit(adapter.account.base_url).netloc]:
                item = await _next(items, CONNECT_SECONDS)
            with self._services.news.told_to(self._held, adapter):
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
        held, services = self._held, self._services
        gap = item.gap or self._gap
        noted = None if item.warning else await services.connected.ask(Noted(held, gap))
        self._subscription_id = noted or await database_sync_to_async(note_connected)(
            held.tenant_id, held.account_id, services.leases.runner, adapter, gap=gap, note=item.warning
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


def _read_accounts(wanted: Sequence[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], VendorsAccount]:
    """By tenants and accounts."""
    by_tenant: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for tenant_id, account_id in wanted:
        by_tenant[tenant_id].append(account_id)
    return {
        (tenant_id, account_id): found
        for tenant_id, accounts in by_tenant.items()
        for account_id, found in read_accounts(tenant_id, accounts).items()
    }


async def _next(items: AsyncIterator[StreamItem], seconds: float) -> StreamItem | None:
    """None at the end. Raises VendorUnavailable when nothing came for so long: the connection counts as dead."""
    try:
        async with asyncio.timeout(seconds) as patience:
            return await anext(items, None)
    except TimeoutError as error:
        if not patience.expired():
            raise
        raise VendorUnavailable(f"The PBX said nothing for {seconds:.0f} s.") from error
