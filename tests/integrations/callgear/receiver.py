"""Somebody whom CallGear's notifications are sent to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.integrations.http_server import serving

SOON = 15.0


@dataclass
class Receiver:
    """The bodies that came, in their order."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: web.Request) -> web.Response:
        async with self._came:
            self.bodies.append(await request.read())
            self._came.notify_all()
        return web.Response()

    async def wait_for(self, words: str) -> bytes:
        """The first body that has these words."""
        async with asyncio.timeout(SOON), self._came:
            await self._came.wait_for(lambda: any(words.encode() in each for each in self.bodies))
        return next(each for each in self.bodies if words.encode() in each)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    async with serving(app) as url:
        receiver.url = f"{url}/hook"
        yield receiver
