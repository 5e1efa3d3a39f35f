"""One transaction of the ingest: read what the batch touches, plan, write, commit, and tell the processes that fan out."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from prometheus_client import Counter
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from common.times import utc_now
from cti.calls import sql
from cti.calls.accounts import account_context
from cti.calls.book import AccountContext, Book
from cti.calls.sql import DeliveryRow
from cti.events.entries import LogEntry
from cti.ingest.parse import decode_waiting
from cti.ingest.plan import Incoming, Waiting, plan

READ_SEEN = """
    SELECT d.account_id, d.identity FROM cti_delivery d
    JOIN unnest(%s::uuid[], %s::text[]) AS wanted (account_id, identity) USING (account_id, identity)"""
READ_WAITING = "SELECT id, account_id, body FROM cti_delivery WHERE account_id = ANY (%s) AND status = 'waiting'"
JOIN_WAITING = "UPDATE cti_delivery SET status = 'applied', note = '', call_id = %s WHERE id = %s"
PLAN_ONCE = "SET LOCAL plan_cache_mode = force_generic_plan"
"""For the statement that only inserts, and takes longer to plan than to run: its plan is right for tables of any size."""
RECENTLY = timedelta(minutes=2)
DELIVERIES = Counter(
    "patchbay_deliveries_total", "Deliveries of vendors that were stored, by what became of them", ["status"]
)
EVENTS = Counter("patchbay_ingested_events_total", "Events that deliveries added to logs")
Publish = Callable[[UUID, Sequence[LogEntry]], None]
"""Tells of events that are committed; returns at once."""


class IngestStore:
    """Writes batches; keeps what it learnt of accounts as long as their directory version stands."""

    def __init__(self, pool: "AsyncConnectionPool[AsyncConnection]", publish: Publish) -> None:
        self._pool = pool
        self._publish = publish
        self._contexts: dict[UUID, AccountContext] = {}

    async def __call__(self, tenant_id: UUID, batch: Sequence[Incoming]) -> None:
        """Commits the batch, then publishes its events. Raises psycopg's errors: nothing is stored then."""
        # psycopg begins by itself. Its transaction() and commit() would each wait for an answer of their own.
        async with self._pool.connection() as connection, connection.pipeline():
            entries, deliveries = await self._transact(connection, tenant_id, list(batch))
            await connection.execute("COMMIT")
        self._publish(tenant_id, entries)
        EVENTS.inc(len(entries))
        for row in deliveries:
            DELIVERIES.labels(row.status).inc()

    async def _transact(
        self, connection: AsyncConnection, tenant_id: UUID, batch: list[Incoming]
    ) -> tuple[list[LogEntry], list[DeliveryRow]]:
        accounts = list({incoming.account_id for incoming in batch})
        keys = {key for incoming in batch for key in incoming.vendor_calls()}
        identities = [(incoming.account_id, event.identity) for incoming in batch for event in incoming.events[:1]]
        # In pipeline mode these travel together; the first fetch waits for all of them.
        await connection.execute(sql.ENTER_TENANT, [str(tenant_id)])
        head = await connection.execute(sql.LOCK_HEAD, [tenant_id])
        versions = await connection.execute(sql.READ_ACCOUNTS, [accounts])
        seen = await connection.execute(READ_SEEN, [[one[0] for one in identities], [one[1] for one in identities]])
        calls = await connection.execute(sql.READ_CALLS, sql.read_params(keys, accounts))
        waiting = await connection.execute(READ_WAITING, [accounts])
        contexts = await self._accounts(connection, await versions.fetchall())
        book = Book()
        sql.put_rows(book, await calls.fetchall(), contexts)
        if any(event.vendor_call_id is None and not event.strands for incoming in batch for event in incoming.events):
            recent = await connection.execute(sql.READ_RECENT, [accounts, utc_now() - RECENTLY])
            sql.put_rows(book, await recent.fetchall(), contexts)
        pending = [self._waiting(contexts, row) for row in await waiting.fetchall()]
        made = plan(batch, book, contexts, set(await seen.fetchall()), pending)
        (sequence,) = await head.fetchone() or (0,)
        now = utc_now()
        entries = sql.log_entries(tenant_id, sequence, book, now, made.by_identity)
        params = sql.write_params(tenant_id, book, entries, sequence + len(entries), now, made.deliveries)
        for delivery_id, call_id in made.found:
            await connection.execute(JOIN_WAITING, [call_id, delivery_id])
        await connection.execute(PLAN_ONCE)
        await connection.execute(sql.WRITE, params)
        return entries, made.deliveries

    async def _accounts(
        self, connection: AsyncConnection, versions: list[tuple[UUID, int]]
    ) -> dict[UUID, AccountContext]:
        for account_id, version in versions:
            known = self._contexts.get(account_id)
            if known is None or known.directory_version != version:
                account = await (await connection.execute(sql.READ_ACCOUNT, [account_id])).fetchone()
                extensions = await (await connection.execute(sql.READ_EXTENSIONS, [account_id])).fetchall()
                if account is not None:
                    self._contexts[account_id] = account_context(account_id, account, extensions)
        return {account_id: self._contexts[account_id] for account_id, _ in versions if account_id in self._contexts}

    @staticmethod
    def _waiting(contexts: dict[UUID, AccountContext], row: tuple[UUID, UUID, bytes]) -> Waiting:
        delivery_id, account_id, body = row
        return Waiting(id=delivery_id, account_id=account_id, event=decode_waiting(contexts[account_id].vendor, body))
