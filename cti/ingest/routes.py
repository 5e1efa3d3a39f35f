"""Whose hook a token is: found in the database, remembered for seconds."""

import asyncio
import time
from collections.abc import Callable
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from common.crypto import token_digest
from cti.calls import sql
from integrations.subscriptions import hook_secret

REMEMBERED_SECONDS = 5.0
"""A deleted hook answers for so long at most. A deleted account is noticed at once all the same, in the transaction."""
REFRESH_SECONDS = 3.0
"""When a hook in use is looked up again, in the background."""
ROUTE = "SELECT r.tenant_id, r.account_id, r.subscription_id FROM route_hook(%s) r"
READ_VENDOR = "SELECT vendor FROM integrations_pbxaccount WHERE id = %s"


class Route(Struct, frozen=True):
    """Whose hook that is, as it was `looked_up_at` on the process's clock."""

    tenant_id: UUID
    account_id: UUID
    subscription_id: UUID
    vendor: str
    secret: str
    """What the vendor shows with each delivery, where it does."""
    looked_up_at: float


class Routes:
    """One lookup a token at a time, however many requests wait for it."""

    def __init__(
        self, pool: "AsyncConnectionPool[AsyncConnection]", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._known: dict[str, Route] = {}
        self._lookups: dict[str, asyncio.Task[Route | None]] = {}

    def recall(self, token: str) -> Route | None:
        """What was found lately; None when it has to be looked for, or looked up again."""
        known = self._known.get(token)
        return known if known is not None and self._clock() - known.looked_up_at < REFRESH_SECONDS else None

    async def find(self, token: str) -> Route | None:
        """None for a token that is no hook's. Raises psycopg's errors and PoolTimeout."""
        if (recalled := self.recall(token)) is not None:
            return recalled
        known = self._known.get(token)
        age = self._clock() - known.looked_up_at if known else REMEMBERED_SECONDS
        lookup = self._lookups.get(token) or self._begin(token)
        return known if age < REMEMBERED_SECONDS else await asyncio.shield(lookup)

    def _begin(self, token: str) -> "asyncio.Task[Route | None]":
        lookup = self._lookups[token] = asyncio.create_task(self._look_up(token))
        lookup.add_done_callback(lambda done: done.cancelled() or done.exception())  # whoever waits sees it
        return lookup

    async def _look_up(self, token: str) -> Route | None:
        try:
            asked_at = self._clock()
            found = await self._read(token)
        finally:
            del self._lookups[token]
        if found is None:
            self._known.pop(token, None)
            return None
        route = self._known[token] = Route(*found, hook_secret(token), asked_at)
        return route

    async def _read(self, token: str) -> tuple[UUID, UUID, UUID, str] | None:
        async with self._pool.connection() as connection, connection.transaction():
            row = await (await connection.execute(ROUTE, [token_digest(token)])).fetchone()
            if row is None:
                return None
            await connection.execute(sql.ENTER_TENANT, [str(row[0])])
            account = await (await connection.execute(READ_VENDOR, [row[1]])).fetchone()
        return None if account is None else (*row, account[0])
