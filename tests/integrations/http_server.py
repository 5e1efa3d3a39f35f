"""A server of the test's own, on loopback, in the test's event loop."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

Answer = Callable[[web.Request], web.Response]


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Its address, without a slash at the end."""
    async with TestServer(app, host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}"


@asynccontextmanager
async def vendor(answer: Answer) -> AsyncIterator[str]:
    """A PBX that answers everything like this; its base URL."""

    async def handle(request: web.Request) -> web.Response:
        return answer(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with serving(app) as url:
        yield url
