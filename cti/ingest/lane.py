"""A tenant's lane: its batches are planned and sent one after the other, the next one already while the last one commits."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import structlog
from msgspec import Struct
from psycopg import OperationalError

from cti.events.wire import Then, Wire, Wires

log = structlog.get_logger(__name__)


class Lane:
    """Whoever has the `turn` plans a batch and sends it; batches get it in the order in which they came."""

    def __init__(self, wires: Wires) -> None:
        self.turn = asyncio.Lock()
        self.users = 0
        self.refused = 0
        """Batches that were sent in vain, and are yet to be written: nobody may be planned as if they had been."""
        self.newest: asyncio.Future[None] | None = None
        """Done when the batch that came last is through."""
        self._wires = wires
        self._wire: Wire | None = None
        self.last: asyncio.Future[bool] | None = None
        """The answer to what was sent last: once it is there, nothing is under way."""

    async def connect(self) -> Wire | None:
        """The connection on which all of the tenant's batches that are under way follow one another; None when there is none."""
        if self._wire is not None and not self._wire.works:
            await self.release()
        if self._wire is None:
            try:
                self._wire = await self._wires.acquire()
            except OperationalError as error:
                log.warning("ingest_not_connected", error=type(error).__name__)
        return self._wire

    def send(self, wire: Wire, parameters: Mapping[str, Any], then: Then) -> "asyncio.Future[bool]":
        """As `Wire.send`."""
        self.last = wire.send(parameters, then)
        return self.last

    async def release(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            await self._wires.release(wire)


class Place(Struct, eq=False):
    """Of a batch in its lane."""

    lane: Lane
    _before: asyncio.Future[None] | None

    async def comes_next(self) -> None:
        """Waits until all batches that came before are through, those that had to be written anew included, and until
        nothing is under way of those behind."""
        await _end_of(self._before)
        await _end_of(self.lane.last)


class Lanes:
    """Those of the tenants that are busy now."""

    def __init__(self, wires: Wires) -> None:
        self._wires = wires
        self._lanes: dict[UUID, Lane] = {}

    @asynccontextmanager
    async def enter(self, tenant_id: UUID) -> AsyncIterator[Place]:
        """A place in the tenant's lane, behind all others; whoever leaves it last gives its connection back."""
        lane = self._lanes.get(tenant_id)
        if lane is None:
            lane = self._lanes[tenant_id] = Lane(self._wires)
        lane.users += 1
        before, lane.newest = lane.newest, asyncio.get_running_loop().create_future()
        through = lane.newest
        try:
            yield Place(lane, before)
        finally:
            through.set_result(None)
            lane.users -= 1
            if not lane.users:
                del self._lanes[tenant_id]
                await lane.release()


async def _end_of(work: "asyncio.Future[Any] | None") -> None:
    """However it ends."""
    if work is not None and not work.done():
        await asyncio.wait([work])
