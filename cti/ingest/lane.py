"""A tenant's lane: its batches are planned and sent one after the other, the next one already while the last one commits."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from cti.events.wire import Then, Wire, Wires


class Lane:
    """Whoever has the `turn` plans a batch and sends it; batches get it in the order in which they ask."""

    def __init__(self, wires: Wires) -> None:
        self.turn = asyncio.Lock()
        self.users = 0
        self._wires = wires
        self._wire: Wire | None = None
        self._last: asyncio.Future[bool] | None = None

    async def connect(self) -> Wire:
        """The connection on which all of the tenant's batches that are under way follow one another."""
        if self._wire is not None and not self._wire.works:
            await self.release()
        if self._wire is None:
            self._wire = await self._wires.acquire()
        return self._wire

    def send(self, wire: Wire, parameters: Mapping[str, Any], then: Then) -> "asyncio.Future[bool]":
        """As `Wire.send`."""
        self._last = wire.send(parameters, then)
        return self._last

    async def settle(self) -> None:
        """Waits until nothing is under way, however it ends."""
        if self._last is not None and not self._last.done():
            await asyncio.wait([self._last])

    async def release(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            await self._wires.release(wire)


class Lanes:
    """Those of the tenants that are busy now."""

    def __init__(self, wires: Wires) -> None:
        self._wires = wires
        self._lanes: dict[UUID, Lane] = {}

    @asynccontextmanager
    async def enter(self, tenant_id: UUID) -> AsyncIterator[Lane]:
        """The tenant's lane; whoever leaves it last gives its connection back."""
        lane = self._lanes.get(tenant_id)
        if lane is None:
            lane = self._lanes[tenant_id] = Lane(self._wires)
        lane.users += 1
        try:
            yield lane
        finally:
            lane.users -= 1
            if not lane.users:
                del self._lanes[tenant_id]
                await lane.release()
