"""The micro-batcher: deliveries that arrive while a tenant's transactions are in flight share the next one.

A tenant has few transactions in flight (the log's head is locked anyway), so the busier it is, the more
deliveries share a commit, and throughput rises with load instead of queueing.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from uuid import UUID

import psycopg
import structlog
from msgspec import Struct, field, structs

from cti.ingest.plan import Incoming

log = structlog.get_logger(__name__)
MAX_BATCH = 256
AHEAD = 2
"""How many batches of a tenant are stored at a time: one commits while the next one is planned."""
MAX_WAITING = 5000


class Overloaded(Exception):
    """So much is waiting that the vendor should come again later."""


class StorageUnavailable(Exception):
    """The database can't take it now; nothing was stored, or storing it again does no harm."""


Store = Callable[[UUID, Sequence[Incoming]], Awaitable[None]]
"""Writes a batch of a tenant in one transaction."""
Done = Callable[[Exception | None], None]
"""Is told that a delivery is committed, or why it isn't."""


class Arrivals(Struct):
    """What waits for a tenant's next batch, and how many of its batches are being stored."""

    waiting: deque[tuple[Incoming, Done]] = field(default_factory=deque)
    under_way: int = 0


class Batcher:
    """Hands the deliveries of each tenant to `store` in batches, in the order of arrival."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._arrivals: dict[UUID, Arrivals] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._waiting = 0

    async def submit(self, tenant_id: UUID, incoming: Incoming) -> None:
        """Returns when the delivery is committed. Raises Overloaded, or StorageUnavailable."""
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.put(tenant_id, incoming, partial(_settle, answer))
        await answer

    def put(self, tenant_id: UUID, incoming: Incoming, done: Done) -> None:
        """As `submit`, for those who don't wait: calls `done`, later, with None or StorageUnavailable. Raises Overloaded."""
        if self._waiting >= MAX_WAITING:
            raise Overloaded
        arrivals = self._arrivals.get(tenant_id)
        if arrivals is None:
            arrivals = self._arrivals[tenant_id] = Arrivals()
        self._waiting += 1
        arrivals.waiting.append((incoming, done))
        if len(arrivals.waiting) == 1 and arrivals.under_way < AHEAD:
            arrivals.under_way += 1
            task = asyncio.create_task(self._run(tenant_id, arrivals))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def drain(self, seconds: float) -> None:
        """Waits until nothing waits any more, for an orderly end; whoever isn't answered by then will deliver again."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    async def _run(self, tenant_id: UUID, arrivals: Arrivals) -> None:
        loop = asyncio.get_running_loop()
        while arrivals.waiting:
            batch = [arrivals.waiting.popleft() for _ in range(min(len(arrivals.waiting), MAX_BATCH))]
            error = await self._commit(tenant_id, [incoming for incoming, _ in batch])
            self._waiting -= len(batch)
            for _, done in batch:
                loop.call_soon(done, error)
        arrivals.under_way -= 1
        if not arrivals.under_way:
            del self._arrivals[tenant_id]

    async def _commit(self, tenant_id: UUID, batch: list[Incoming]) -> Exception | None:
        try:
            await self._store(tenant_id, batch)
        except psycopg.OperationalError as error:
            log.warning("ingest_failed_for_now", size=len(batch), error=type(error).__name__)
            return StorageUnavailable(str(error))
        except Exception as error:
            log.exception("ingest_failed", size=len(batch))
            return await self._commit_each(tenant_id, batch, error)
        return None

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


def _settle(answer: "asyncio.Future[None]", error: Exception | None) -> None:
    if answer.cancelled():
        return
    if error is None:
        answer.set_result(None)
    else:
        answer.set_exception(error)
