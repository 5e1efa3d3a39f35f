"""A process's streams: claimed, watched, shared fairly with the other processes, and given back at the end."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from uuid import UUID

import psycopg
import structlog
from prometheus_client import Gauge
from psycopg_pool import PoolTimeout

from cti.streams.connection import Services
from cti.streams.garbage import Garbage
from cti.streams.leases import RENEW_SECONDS, Held, LeaseLost, Overview
from cti.streams.supervision import AccountStream

log = structlog.get_logger(__name__)
ROUND_SECONDS = 1.0
AT_ONCE = 200
"""Streams that one round claims, or gives up."""
STOP_SECONDS = 3.0
AGAIN_SECONDS = 0.5
HELD = Gauge("patchbay_streams_held", "Accounts whose stream this process has")
_UNAVAILABLE = (psycopg.Error, PoolTimeout, OSError)


class Runner:
    """Holds at most `limit` streams."""

    def __init__(self, services: Services, limit: int) -> None:
        self._services = services
        self._leases = services.leases
        self._limit = limit
        self._streams: dict[UUID, AccountStream] = {}
        self._garbage = Garbage()

    async def run(self) -> None:
        """Until it is cancelled: then its streams are stopped and free for others at once."""
        await self._insist(self._leases.register)
        log.info("streams_started", runner=str(self._leases.runner))
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_lease())
                tasks.create_task(self._go_round())
        finally:
            await self._stop(self._streams)
            with suppress(*_UNAVAILABLE):  # the lease runs out by itself
                await self._leases.leave()

    async def _keep_lease(self) -> None:
        """What can't be prolonged in time is stopped before anybody else may have it."""
        while True:
            try:
                async with asyncio.timeout_at(self._leases.valid_until):
                    await self._insist(self._leases.renew)
            except (TimeoutError, LeaseLost):
                log.warning("lease_lost", streams=len(self._streams))
                await self._stop(self._streams)
                await self._insist(self._leases.register)
            await asyncio.sleep(RENEW_SECONDS)

    async def _go_round(self) -> None:
        while True:
            claimed = 0
            try:
                if self._leases.is_valid:
                    claimed = await self._round()
            except _UNAVAILABLE as error:
                log.warning("streams_not_shared_out", error=type(error).__name__)
            HELD.set(len(self._streams))
            self._garbage.heed(len(self._streams))
            if claimed < AT_ONCE:
                await asyncio.sleep(ROUND_SECONDS)

    async def _round(self) -> int:
        """Follows the rows: what is gone or changed, who has died, who has too much. Answers how many streams it claimed."""
        await self._leases.bury_the_dead()
        overview = await self._leases.overview()
        if self._has_changed(overview):
            await self._follow(await self._leases.held())
        room = min(overview.fair_share, self._limit) - len(self._streams)
        if room < 0:
            await self._give_up(min(-room, AT_ONCE))
            return 0
        claimed = await self._leases.claim(min(room, AT_ONCE)) if room else []
        for held in claimed:
            self._start(held)
        return len(claimed)

    def _has_changed(self, overview: Overview) -> bool:
        streams = self._streams.values()
        versions = sum(stream.held.version for stream in streams)
        ended = any(stream.task.done() for stream in streams)
        return ended or (overview.held, overview.versions) != (len(streams), versions)

    async def _follow(self, held: dict[UUID, Held]) -> None:
        """Stops what isn't held any more; begins anew what has changed, and what ended by itself though it is held."""
        outdated = [
            account_id
            for account_id, stream in self._streams.items()
            if account_id not in held or held[account_id].version != stream.held.version or stream.task.done()
        ]
        await self._stop(outdated)
        for account_id in held.keys() - self._streams.keys():
            self._start(held[account_id])

    async def _give_up(self, count: int) -> None:
        """Lets others have the ones that came last."""
        surplus = [self._streams[account_id].held for account_id in list(self._streams)[-count:]]
        await self._stop([held.account_id for held in surplus])
        await self._leases.release(surplus)
        log.info("streams_given_up", count=count)

    def _start(self, held: Held) -> None:
        self._streams[held.account_id] = AccountStream(held, self._services)

    async def _stop(self, accounts: Collection[UUID]) -> None:
        """Returns when their connections are closed; one that hangs can't store anything without the lease."""
        tasks = [self._streams.pop(account_id).task for account_id in list(accounts)]
        for task in tasks:
            task.cancel()
        if tasks:
            _, hanging = await asyncio.wait(tasks, timeout=STOP_SECONDS)
            if hanging:
                log.error("streams_do_not_stop", count=len(hanging))

    @staticmethod
    async def _insist(work: Callable[[], Awaitable[None]]) -> None:
        """Until the database takes it."""
        while True:
            try:
                return await work()
            except _UNAVAILABLE as error:
                log.warning("lease_not_written", error=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)
