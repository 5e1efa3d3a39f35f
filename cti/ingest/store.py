"""One batch of the ingest: planned from what is remembered of the tenant and committed in one round trip; where that isn't
enough, planned from what is read under the lock of the tenant's log. Then told to the processes that fan out.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter
from psycopg import AsyncConnection, AsyncCursor, OperationalError
from psycopg.errors import UniqueViolation
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from common.times import utc_now
from cti.calls import sql
from cti.calls.accounts import account_context
from cti.calls.book import AccountContext, Book
from cti.calls.commit import COMMIT_BINARY, FUNCTION, TYPES, Changes, Head, Key, Snapshots, commit_params, log_entries
from cti.events.entries import LogEntry
from cti.events.pool import connect
from cti.events.wire import Statement, Wires
from cti.ingest.lane import Lanes, Place
from cti.ingest.memory import Memories, Memory
from cti.ingest.models import Delivery
from cti.ingest.parse import decode_waiting
from cti.ingest.plan import MAX_WAITING, Incoming, Waiting, plan
from cti.presence.known import apply_notice

log = structlog.get_logger(__name__)
READ_SEEN = """
    SELECT d.account_id, d.identity FROM cti_delivery d
    JOIN unnest(%s::uuid[], %s::text[]) AS wanted (account_id, identity) USING (account_id, identity)"""
READ_STORED = "SELECT id FROM cti_delivery WHERE id = ANY (%s)"
"""Of a batch that is tried again, its commit's answer having been lost."""
READ_WAITING = f"""
    SELECT id, account_id, body FROM (
        SELECT * FROM cti_delivery WHERE account_id = ANY (%s) AND status = 'waiting'
        ORDER BY received_at DESC LIMIT {MAX_WAITING}
    ) latest ORDER BY received_at"""  # noqa: S608
CONNECTIONS = 8
PLAN_ONCE = "SET LOCAL plan_cache_mode = force_generic_plan"
"""For the statements of `commit_changes`, which take longer to plan than to run."""
RECENTLY = timedelta(minutes=2)
DELIVERIES = Counter(
    "patchbay_deliveries_total", "Deliveries of vendors that were stored, by what became of them", ["status"]
)
_STORED = {status: DELIVERIES.labels(status) for status in Delivery.Status.values}
EVENTS = Counter("patchbay_ingested_events_total", "Events that deliveries added to logs")
NOBODY = UUID(int=0)
Cursors = Sequence[AsyncCursor[Any]]
Publish = Callable[[UUID, Sequence[LogEntry]], None]
"""Tells of events that are committed; returns at once."""


class IngestStore:
    """Writes batches, each tenant's in the order of their coming, and tells of their events as soon as they are committed."""

    def __init__(self, pool: "AsyncConnectionPool[AsyncConnection]", publish: Publish) -> None:
        self._pool = pool
        self._wires = Wires(connect, Statement(FUNCTION, TYPES), CONNECTIONS)
        self._publish = publish
        self._lanes = Lanes(self._wires)
        self._memories = Memories()
        self._contexts: dict[UUID, AccountContext] = {}

    async def __call__(self, tenant_id: UUID, batch: Sequence[Incoming]) -> None:
        """Commits the batch, then publishes its events. Raises psycopg's errors: nothing is stored then.

        Batches of a tenant that are given before the last one is committed follow it in the order of their coming; one that
        fails for good lets the next one pass.
        """
        async with self._lanes.enter(tenant_id) as place:
            changes = await self._commit(place, tenant_id, batch)
        EVENTS.inc(len(changes.entries))
        for row in changes.deliveries:
            _STORED[row.status].inc()

    async def warm(self) -> None:
        """Opens the pool's connections, and has them see what the first deliveries would have to wait for."""
        await asyncio.gather(*(self._rehearse() for _ in range(self._pool.max_size)))

    async def _rehearse(self) -> None:
        async with self._pool.connection() as connection, connection.pipeline(), connection.transaction():
            await self._read(connection, NOBODY, [], None)
            await _ask_context(connection, NOBODY)

    async def close(self) -> None:
        """Closes what isn't in use."""
        await self._wires.close()

    async def _commit(self, place: Place, tenant_id: UUID, batch: Sequence[Incoming]) -> Changes:
        lane = place.lane
        async with lane.turn:
            memory = self._memories.take(tenant_id)
            suffices = memory is not None and not lane.refused and memory.suffices(batch)
            wire = await lane.connect() if suffices else None
            if wire is None or memory is None:
                return await self._read_and_commit(place, tenant_id, batch, memory)
            changes = self._plan_remembered(tenant_id, batch, memory)
            tell = partial(self._publish, tenant_id, changes.entries)
            answer = lane.send(wire, commit_params(tenant_id, changes), tell)
            self._remember(tenant_id, memory, changes)
        committed = False
        try:
            committed = await answer  # else somebody else has written since
        except (UniqueViolation, OperationalError) as error:  # something was forgotten, or the connection broke
            log.info("ingest_planned_in_vain", tenant=str(tenant_id), error=type(error).__name__)
        finally:
            if not committed:  # nor is what was planned since
                self._memories.take(tenant_id)
        if committed:
            return changes
        lane.refused += 1
        try:
            return await self._read_and_commit(place, tenant_id, batch, None)
        finally:
            lane.refused -= 1

    def _plan_remembered(self, tenant_id: UUID, batch: Sequence[Incoming], memory: Memory) -> Changes:
        book = memory.open_book(_keys(batch), _accounts(batch))
        known_keys = frozenset(book.keys)
        changes = _plan(tenant_id, batch, memory, book, memory.accounts)
        changes.known_keys = known_keys
        return changes

    def _remember(self, tenant_id: UUID, memory: Memory, changes: Changes) -> None:
        if not memory.spoiled:
            memory.close_book(changes)
            self._memories.keep(tenant_id, memory)

    async def _read_and_commit(
        self, place: Place, tenant_id: UUID, batch: Sequence[Incoming], memory: Memory | None
    ) -> Changes:
        """In the batch's place, whatever it takes; once more if the connection breaks, which finds what was committed."""
        await place.comes_next()
        newer = self._memories.take(tenant_id)
        memory = memory if newer is None else newer
        try:
            return await self._write(tenant_id, batch, memory)
        except PoolTimeout:
            raise
        except OperationalError as error:
            log.warning("ingest_transaction_failed", size=len(batch), error=type(error).__name__)
            return await self._write(tenant_id, batch, None)

    async def _write(self, tenant_id: UUID, batch: Sequence[Incoming], memory: Memory | None) -> Changes:
        """Under the lock of the log, which also keeps the accounts from being deleted."""
        async with self._pool.connection() as connection, connection.pipeline(), connection.transaction():
            memory, book, accounts, stored = await self._read(connection, tenant_id, batch, memory)
            batch = [incoming for incoming in batch if incoming.id not in stored]
            changes = _plan(tenant_id, batch, memory, book, accounts)
            for noted in book.noted:
                if statement := apply_notice(noted.account.id, noted.notice):
                    await connection.execute(statement.sql, statement.parameters)
            if changes.deliveries:  # else all is stored, or the account is gone, or the tenant with its head
                await connection.execute(PLAN_ONCE)
                committed = await connection.execute(COMMIT_BINARY, commit_params(tenant_id, changes))
                if await committed.fetchone() != (True,):
                    raise RuntimeError("the log head moved under its lock")
        self._remember(tenant_id, memory, changes)
        self._publish(tenant_id, changes.entries)
        return changes

    async def _read(
        self, connection: AsyncConnection, tenant_id: UUID, batch: Sequence[Incoming], memory: Memory | None
    ) -> tuple[Memory, Book, dict[UUID, AccountContext], set[UUID]]:
        """Locks the log and reads what the batch is about. What was remembered counts if nobody else has written since."""
        asked = _accounts(batch)
        identities = [(incoming.account_id, incoming.identity) for incoming in batch if incoming.identity]
        # In pipeline mode these travel together; the first fetch waits for all of them.
        await connection.execute(sql.ENTER_TENANT, [str(tenant_id)])
        locked = await connection.execute(sql.LOCK_HEAD, [tenant_id])
        versions = await connection.execute(sql.READ_ACCOUNTS, [asked])
        seen = await connection.execute(READ_SEEN, [[one[0] for one in identities], [one[1] for one in identities]])
        stored = await connection.execute(READ_STORED, [[incoming.id for incoming in batch]])
        calls = await connection.execute(sql.READ_CALLS, sql.read_params(_keys(batch), asked))
        waiting = await connection.execute(READ_WAITING, [asked])
        unknown = {each: await _ask_context(connection, each) for each in asked if each not in self._contexts}
        new = [each for each in asked if memory is not None and each not in memory.accounts]
        live = await connection.execute(sql.READ_LIVE_KEYS, [tenant_id, new])
        accounts = await self._contexts_of(connection, await versions.fetchall(), unknown)
        head = Head(*(await locked.fetchone() or (0, 0)))
        if memory is None or not memory.still_holds(head, accounts):
            memory = Memory()
        elif new:
            memory.learn(accounts, await live.fetchall())
        memory.head = head
        memory.seen.update(dict.fromkeys(await seen.fetchall()))
        memory.waiting = [each for each in memory.waiting if each.account_id not in accounts]
        memory.waiting += [self._waiting(accounts, row) for row in await waiting.fetchall()]
        book = memory.open_book(_keys(batch), asked)
        sql.put_rows(book, await calls.fetchall(), accounts)
        if not all(incoming.names_its_calls for incoming in batch):
            recent = await connection.execute(sql.READ_RECENT, [asked, utc_now() - RECENTLY])
            sql.put_rows(book, await recent.fetchall(), accounts)
        return memory, book, accounts, {row[0] for row in await stored.fetchall()}

    async def _contexts_of(
        self, connection: AsyncConnection, versions: list[tuple[UUID, int]], asked: Mapping[UUID, Cursors]
    ) -> dict[UUID, AccountContext]:
        for account_id, version in versions:
            known = self._contexts.get(account_id)
            if known is None or known.directory_version != version:
                cursors = asked.get(account_id) or await _ask_context(connection, account_id)
                accounts, extensions, queues = [await cursor.fetchall() for cursor in cursors]
                if accounts:
                    self._contexts[account_id] = account_context(account_id, accounts[0], extensions, queues)
        return {account_id: self._contexts[account_id] for account_id, _ in versions if account_id in self._contexts}

    @staticmethod
    def _waiting(contexts: dict[UUID, AccountContext], row: tuple[UUID, UUID, bytes]) -> Waiting:
        delivery_id, account_id, body = row
        return Waiting(id=delivery_id, account_id=account_id, event=decode_waiting(contexts[account_id].vendor, body))


async def _ask_context(connection: AsyncConnection, account_id: UUID) -> Cursors:
    """What `account_context` is made from, yet to be fetched."""
    statements = (sql.READ_ACCOUNT, sql.READ_EXTENSIONS, sql.READ_QUEUES)
    return [await connection.execute(statement, [account_id]) for statement in statements]


def _plan(
    tenant_id: UUID, batch: Sequence[Incoming], memory: Memory, book: Book, accounts: Mapping[UUID, AccountContext]
) -> Changes:
    """What the batch does to the calls in the book; the memory is as it will be once that is committed, but for the book."""
    now = utc_now()
    made = plan(batch, book, accounts, memory.seen, memory.waiting)
    memory.spoiled |= made.broken
    snapshots = Snapshots()
    return Changes(
        head=memory.head,
        now=now,
        book=book,
        snapshots=snapshots,
        entries=log_entries(tenant_id, memory.head, book, now, made.by_identity, snapshots),
        deliveries=made.deliveries,
        found=made.found,
        heard_of=memory.heard_of({row.account_id for row in made.deliveries}, now),
    )


def _accounts(batch: Sequence[Incoming]) -> list[UUID]:
    return list({incoming.account_id for incoming in batch})


def _keys(batch: Sequence[Incoming]) -> dict[Key, None]:
    return dict.fromkeys(key for incoming in batch for key in incoming.vendor_calls())
