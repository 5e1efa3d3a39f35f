"""Reading the log asynchronously, and appending to it from synchronous code."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import redis
import structlog
from django.conf import settings
from django.db import connection, transaction
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from common.times import utc_now
from cti.calls import sql
from cti.calls.book import Book
from cti.calls.commit import COMMIT, Changes, Head, Snapshots, commit_params, log_entries
from cti.events.entries import LogEntry, log_entry
from cti.events.hints import channel_of, encode_hint

log = structlog.get_logger(__name__)
READ_AFTER = """
    SELECT sequence, type, account_id, extension_ids, body, received_at FROM cti_event
    WHERE tenant_id = %s AND sequence > %s ORDER BY sequence LIMIT %s"""
READ_HEADS = "SELECT tenant_id, sequence FROM log_heads(%s)"
PAGE = 500


class LogReader:
    """Reads the logs of tenants for fan-out."""

    def __init__(self, pool: "AsyncConnectionPool[AsyncConnection]") -> None:
        self._pool = pool

    async def after(self, tenant_id: UUID, sequence: int, limit: int = PAGE) -> list[LogEntry]:
        """The events that follow a sequence, in order, at most `limit` of them."""
        async with self._pool.connection() as conn, conn.pipeline(), conn.transaction():
            await conn.execute(sql.ENTER_TENANT, [str(tenant_id)])
            rows = await (await conn.execute(READ_AFTER, [tenant_id, sequence, limit])).fetchall()
        return [LogEntry(*row) for row in rows]

    async def heads(self, tenant_ids: Sequence[UUID]) -> dict[UUID, int]:
        """The last sequence of each tenant that has one."""
        async with self._pool.connection() as conn:
            return dict(await (await conn.execute(READ_HEADS, [list(tenant_ids)])).fetchall())


def lock_head(tenant_id: UUID) -> Head:
    """Locks the tenant's log until the transaction ends, and says that somebody is changing it; inside `tenant_scope`."""
    with connection.cursor() as cursor:
        cursor.execute(sql.LOCK_HEAD, [tenant_id])
        return Head(*cursor.fetchone())


def hold_head(tenant_id: UUID) -> None:
    """Locks the tenant's log until the transaction ends, before other locks: what others remember of the tenant still counts,
    unless something is appended. Inside `tenant_scope`.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.HOLD_HEAD, [tenant_id])


def append(
    tenant_id: UUID,
    kind: str,
    *,
    account_id: UUID | None,
    vendor: str | None,
    data: dict[str, Any],
    now: datetime | None = None,
) -> None:
    """Appends one event that isn't about a call; inside `tenant_scope`."""
    moment = now or utc_now()
    head = lock_head(tenant_id)
    entry = log_entry(
        tenant_id=tenant_id,
        sequence=head.sequence + 1,
        kind=kind,
        occurred_at=moment,
        received_at=moment,
        account_id=account_id,
        vendor=vendor,
        data=data,
    )
    _commit(tenant_id, Changes(head=head, now=moment, book=Book(), snapshots=Snapshots(), entries=[entry]))


def write(
    tenant_id: UUID,
    head: Head,
    book: Book,
    now: datetime,
    *,
    deliveries: Mapping[str, UUID] | None = None,
    found: Sequence[tuple[UUID, UUID]] = (),
) -> None:
    """Writes a book's calls and what it tells under the lock that `head` stands for; the fan-out hears after the commit."""
    snapshots = Snapshots()
    entries = log_entries(tenant_id, head, book, now, deliveries or {}, snapshots)
    _commit(tenant_id, Changes(head=head, now=now, book=book, snapshots=snapshots, entries=entries, found=found))


def _commit(tenant_id: UUID, changes: Changes) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COMMIT, commit_params(tenant_id, changes))
        if cursor.fetchone() != (True,):
            raise RuntimeError("the log head moved under its lock")
    if changes.entries:
        transaction.on_commit(lambda: _hint(tenant_id, changes.entries))


def _hint(tenant_id: UUID, entries: Sequence[LogEntry]) -> None:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
    try:
        client.publish(channel_of(tenant_id), encode_hint(entries))
    except (redis.RedisError, OSError) as error:
        log.warning("hint_not_published", error=type(error).__name__)  # the hubs' sweep finds the events
    finally:
        client.close()
