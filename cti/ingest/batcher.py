"""The micro-batcher: deliveries that arrive while a tenant's transaction is in flight share the next one.

Each tenant has a lane. A lane runs one transaction at a time (the log's head is locked anyway), so the busier it is, the more
deliveries share a commit, and throughput rises with load instead of queueing.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import psycopg
import structlog
from msgspec import structs
from psycopg_pool import PoolTimeout

from cti.ingest.plan import Incoming

log = structlog.get_logger(__name__)
MAX_BATCH = 256
MAX_WAITING = 5000
RETRIES = 1
"""A transaction that broke is tried once more: its own trace makes the second try a duplicate if the first did commit."""


class Overloaded(Exception):
    """So much is waiting that the vendor should come again later."""


class StorageUnavailable(Exception):
    """The database can't take it now; nothing was stored, or storing it again does no harm."""


Store = Callable[[UUID, Sequence[Incoming]], Awaitable[None]]
"""Writes a batch of a tenant in one transaction."""


class Batcher:
    """Hands the deliveries of each tenant to `store` in batches, in the order of arrival."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lanes: dict[UUID, deque[tuple[Incoming, asyncio.Future[None]]]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._waiting = 0

    async def submit(self, tenant_id: UUID, incoming: Incoming) -> None:
        """Returns when the delivery is committed. Raises Overloaded, or StorageUnavailable."""
        if self._waiting >= MAX_WAITING:
            raise Overloaded
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lane = self._lanes.get(tenant_id)
        self._waiting += 1
        if lane is None:
            lane = self._lanes[tenant_id] = deque()
            lane.append((incoming, done))
            task = asyncio.create_task(self._run(tenant_id, lane))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        else:
            lane.append((incoming, done))
        try:
            await done
        finally:
            self._waiting -= 1

    async def drain(self, seconds: float) -> None:
        """Waits until every lane is empty, for an orderly end; whoever isn't answered by then will deliver again."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    async def _run(self, tenant_id: UUID, lane: deque[tuple[Incoming, asyncio.Future[None]]]) -> None:
        while lane:
            batch = [lane.popleft() for _ in range(min(len(lane), MAX_BATCH))]
            error = await self._commit(tenant_id, [incoming for incoming, _ in batch])
            for _, done in batch:
                if done.cancelled():
                    continue
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(error)
        del self._lanes[tenant_id]

    async def _commit(self, tenant_id: UUID, batch: list[Incoming]) -> Exception | None:
        for attempt in range(RETRIES + 1):
            try:
                await self._store(tenant_id, batch)
            except (psycopg.OperationalError, PoolTimeout) as error:
                log.warning("ingest_transaction_failed", attempt=attempt, size=len(batch), error=type(error).__name__)
                failure: Exception = StorageUnavailable(str(error))
            except Exception as error:
                log.exception("ingest_failed", size=len(batch))
                return await self._commit_each(tenant_id, batch, error)
            else:
                return None
        return failure

    async def _commit_each(self, tenant_id: UUID, batch: list[Incoming], error: Exception) -> Exception | None:
        """Something in the batch can't be stored, by a defect of ours: it is kept as unparsed, and all else is stored."""
        if len(batch) > 1:
            failures = [await self._commit(tenant_id, [incoming]) for incoming in batch]
            return next(filter(None, failures), None)
        [incoming] = batch
        if incoming.error is not None:
            return StorageUnavailable(type(error).__name__)
        words = f"could not be stored: {type(error).__name__}"
        return await self._commit(tenant_id, [structs.replace(incoming, events=(), notices=(), error=words)])
