"""The ASGI application: every company's face, the control API, and the console page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.console.control import Control
from sandbox.pbx import default_pbxes

_STATIC = Path(__file__).parent / "console" / "static"
_CONNECTIONS = 128
_CONSOLE_HEADERS = {"Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'"}


async def console(_: Request) -> Response:
    return FileResponse(_STATIC / "index.html", headers=_CONSOLE_HEADERS)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Companies exist while the server runs, with one pool of connections to the webhooks."""
    connector = aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=60)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        pbxes = default_pbxes(session)
        app.router.routes.append(Mount("/_control", routes=Control(pbxes).routes()))
        app.router.routes += [Mount(pbx.face.base_path, routes=pbx.face.routes()) for pbx in pbxes.values()]
        yield
        for pbx in pbxes.values():
            await pbx.reset()


def create_app() -> Starlette:
    return Starlette(routes=[Route("/", console), Mount("/static", StaticFiles(directory=_STATIC))], lifespan=lifespan)
