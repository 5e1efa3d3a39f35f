"""Who holds which stream: rows of PostgreSQL, by its clock, so that two processes never hold the same one.

A process lives by its row in cti_streamrunner, prolonged every few seconds for everything that it holds. Only who removes the
row of a silent process may have its streams; a process that finds its row removed, or can't prolong it in time, has stopped
its streams before (`valid_until`).
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from math import ceil
from typing import Any, TypeVar
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from common.ids import new_uuid
from cti.calls.sql import ENTER_TENANT
from cti.streams.health import FAILURES_UNTIL_DEGRADED

T = TypeVar("T")
LEASE_SECONDS = 10.0
RENEW_SECONDS = 3.0
MARGIN_SECONDS = 1.0
"""How much earlier than PostgreSQL a process itself counts its lease as over."""
REGISTER = "INSERT INTO cti_streamrunner (id, leased_until) VALUES (%s, now() + make_interval(secs => %s))"
RENEW = "UPDATE cti_streamrunner SET leased_until = now() + make_interval(secs => %s) WHERE id = %s"
LEAVE = "DELETE FROM cti_streamrunner WHERE id = %s"
BURY = "DELETE FROM cti_streamrunner WHERE leased_until < now()"
HELD = "SELECT tenant_id, account_id, version FROM held_streams(%s)"
OVERVIEW = "SELECT streams, runners, held, versions FROM stream_overview(%s)"
FREE = "SELECT tenant_id, account_id, holder FROM free_streams(%s)"
CLAIM = """
    WITH free AS (
        SELECT s.account_id FROM cti_stream s
        JOIN unnest(%s::uuid[], %s::uuid[]) AS found (account_id, holder)
            ON s.account_id = found.account_id AND s.holder IS NOT DISTINCT FROM found.holder
        FOR NO KEY UPDATE OF s SKIP LOCKED)
    UPDATE cti_stream s SET holder = %s, connected_at = NULL,
        attempts = CASE WHEN s.connected_at IS NULL THEN s.attempts ELSE 0 END
    FROM free WHERE s.account_id = free.account_id
    RETURNING s.tenant_id, s.account_id, s.version, s.attempts"""
NOTE_AGAIN = """
    WITH account AS MATERIALIZED (
        SELECT id FROM integrations_pbxaccount WHERE id = ANY (%(accounts)s) AND status = 'active'
        FOR NO KEY UPDATE SKIP LOCKED),
    mine AS (
        UPDATE cti_stream s SET connected_at = now(), last_error = '' FROM account a, integrations_vendorsubscription v
        WHERE s.account_id = a.id AND s.holder = %(holder)s AND v.account_id = a.id
            AND v.transport <> 'webhook' AND v.status = 'active' AND v.last_error = '' RETURNING v.account_id, v.id),
    checked AS (
        UPDATE integrations_vendorsubscription SET verified_at = now() WHERE id IN (SELECT id FROM mine)),
    compared AS (
        UPDATE integrations_upkeep SET due_at = now()
        WHERE account_id IN (SELECT account_id FROM mine) AND account_id = ANY (%(with_gap)s) AND kind = 'calls')
    SELECT account_id, id FROM mine"""
NOTE_FAILED_AGAIN = """
    WITH failed AS (
        SELECT * FROM unnest(%(accounts)s::uuid[], %(attempts)s::int[], %(waits)s::interval[], %(words)s::text[])
            AS failed (account_id, attempts, wait, words)),
    known AS MATERIALIZED (
        SELECT f.* FROM failed f JOIN integrations_pbxaccount a ON a.id = f.account_id
        WHERE CASE
            WHEN f.attempts >= %(until_degraded)s THEN a.status = 'degraded' AND a.status_detail = f.words
            ELSE a.status <> 'connecting' OR a.status_detail = f.words
        END
        FOR NO KEY UPDATE OF a SKIP LOCKED)
    UPDATE cti_stream s SET connected_at = NULL, attempts = k.attempts, due_at = now() + k.wait, last_error = k.words
    FROM known k, integrations_vendorsubscription v
    WHERE s.account_id = k.account_id AND s.holder = %(holder)s AND v.account_id = k.account_id
        AND v.transport <> 'webhook' AND v.status = 'failed' AND v.last_error = k.words
    RETURNING s.account_id"""
RELEASE = "UPDATE cti_stream SET holder = NULL WHERE account_id = ANY (%s) AND holder = %s RETURNING account_id"


class LeaseLost(Exception):
    """Others may have this process's streams now."""


class Held(Struct, frozen=True):
    """A stream that this process has."""

    tenant_id: UUID
    account_id: UUID
    version: int
    attempts: int = 0


class Noted(Struct, frozen=True):
    """A connection that stands; with `gap` the account's calls are to be compared with the vendor's own."""

    held: Held
    gap: bool


class Failed(Struct, frozen=True):
    """A connection that broke, or couldn't be made, so many times in a row; `words` are shown to admins."""

    held: Held
    words: str
    attempts: int
    wait: timedelta
    """Until the next attempt."""


class Overview(Struct, frozen=True):
    """How many streams and living processes there are, and of this process's streams: how many, and their versions' sum.

    Versions only grow, and nobody else gives this process a stream: while both stand as they were, nothing has changed.
    """

    streams: int
    runners: int
    held: int
    versions: int

    @property
    def fair_share(self) -> int:
        """How many streams each process has when they are shared out evenly."""
        return ceil(self.streams / max(self.runners, 1))


class Leases:
    """This process's part. All methods raise psycopg's errors and PoolTimeout."""

    def __init__(self, pool: "AsyncConnectionPool[AsyncConnection]") -> None:
        self._pool = pool
        self.runner = new_uuid()
        self.valid_until = 0.0
        """On the event loop's clock."""

    @property
    def is_valid(self) -> bool:
        return asyncio.get_running_loop().time() < self.valid_until

    async def register(self) -> None:
        """Begins to live, under a new id."""
        asked_at = asyncio.get_running_loop().time()
        self.runner = new_uuid()
        async with self._pool.connection() as connection:
            await connection.execute(REGISTER, [self.runner, LEASE_SECONDS])
        self.valid_until = asked_at + LEASE_SECONDS - MARGIN_SECONDS

    async def renew(self) -> None:
        """Prolongs the lease of everything held, in one statement. Raises LeaseLost."""
        asked_at = asyncio.get_running_loop().time()
        async with self._pool.connection() as connection:
            renewed = await connection.execute(RENEW, [LEASE_SECONDS, self.runner])
        if not renewed.rowcount:
            raise LeaseLost("this process was taken for dead")
        self.valid_until = asked_at + LEASE_SECONDS - MARGIN_SECONDS

    async def leave(self) -> None:
        """Frees everything held, at once."""
        async with self._pool.connection() as connection:
            await connection.execute(LEAVE, [self.runner])

    async def bury_the_dead(self) -> None:
        """Removes processes whose lease has run out; their streams are free from then on."""
        async with self._pool.connection() as connection:
            await connection.execute(BURY)

    async def held(self) -> dict[UUID, Held]:
        """What this process has, by account."""
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(HELD, [self.runner])).fetchall()
        return {account_id: Held(tenant_id, account_id, version) for tenant_id, account_id, version in rows}

    async def overview(self) -> Overview:
        """Cheap to ask for every second, however many streams there are."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(OVERVIEW, [self.runner])).fetchone()
        assert row is not None  # noqa: S101 - it only counts
        return Overview(*row)

    async def claim(self, most: int) -> list[Held]:
        """Takes free streams that are due; another process that takes the same ones gets none of them."""
        async with self._pool.connection() as connection:
            free = await (await connection.execute(FREE, [most])).fetchall()
            by_tenant: defaultdict[UUID, dict[UUID, UUID | None]] = defaultdict(dict)
            for tenant_id, account_id, holder in free:
                by_tenant[tenant_id][account_id] = holder
            if not free:  # as nearly always
                return []
            rows = await _in_each(
                connection,
                CLAIM,
                {tenant: [[*found], [*found.values()], self.runner] for tenant, found in by_tenant.items()},
            )
        return [Held(*row) for row in rows]

    async def note_again(self, connected: Sequence[Noted]) -> dict[Noted, UUID]:
        """Notes connections of accounts that are active and shown so; answers their subscriptions, and nothing of others.

        `cti.streams.health.note_connected` would do it too. When a process takes thousands over, this is far quicker.
        """
        parameters = {
            tenant: {
                "accounts": [noted.held.account_id for noted in those],
                "with_gap": [noted.held.account_id for noted in those if noted.gap],
                "holder": self.runner,
            }
            for tenant, those in _by_tenant(connected, lambda noted: noted.held).items()
        }
        async with self._pool.connection() as connection:
            subscriptions = dict(await _in_each(connection, NOTE_AGAIN, parameters))
        return {
            noted: subscriptions[noted.held.account_id] for noted in connected if noted.held.account_id in subscriptions
        }

    async def note_failed_again(self, failures: Sequence[Failed]) -> dict[Failed, bool]:
        """Notes failures of which nothing is shown that isn't shown already; answers True for these, nothing of others.

        `cti.streams.health.note_failed` would do it too. While a vendor of thousands is away, this is far quicker.
        """
        parameters = {
            tenant: {
                "accounts": [failed.held.account_id for failed in those],
                "attempts": [failed.attempts for failed in those],
                "waits": [failed.wait for failed in those],
                "words": [failed.words for failed in those],
                "until_degraded": FAILURES_UNTIL_DEGRADED,
                "holder": self.runner,
            }
            for tenant, those in _by_tenant(failures, lambda failed: failed.held).items()
        }
        async with self._pool.connection() as connection:
            noted = {account_id for (account_id,) in await _in_each(connection, NOTE_FAILED_AGAIN, parameters)}
        return {failed: True for failed in failures if failed.held.account_id in noted}

    async def release(self, streams: Sequence[Held]) -> None:
        """Gives streams back that this process has stopped."""
        parameters = {
            tenant: [[held.account_id for held in those], self.runner]
            for tenant, those in _by_tenant(streams, lambda held: held).items()
        }
        async with self._pool.connection() as connection:
            await _in_each(connection, RELEASE, parameters)


def _by_tenant(items: Iterable[T], held: Callable[[T], Held]) -> dict[UUID, list[T]]:
    """Sorted by the tenant of the stream that each is about."""
    sorted_: defaultdict[UUID, list[T]] = defaultdict(list)
    for each in items:
        sorted_[held(each).tenant_id].append(each)
    return sorted_


async def _in_each(
    connection: AsyncConnection, statement: str, parameters: Mapping[UUID, Sequence[Any] | Mapping[str, Any]]
) -> list[tuple[Any, ...]]:
    """Runs the statement for each tenant with parameters of their own; all in one transaction and one round trip."""
    cursors = []
    async with connection.transaction(), connection.pipeline():
        for tenant_id, own in parameters.items():
            await connection.execute(ENTER_TENANT, [str(tenant_id)])
            cursors.append(await connection.execute(statement, own))
        return [row for cursor in cursors for row in await cursor.fetchall()]
