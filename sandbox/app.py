"""The ASGI application: every company's face, the control API, and the console page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.console.control import Control
from sandbox.console.errors import answer_control_error
from sandbox.console.fields import ControlError
from sandbox.engine.errors import EngineError
from sandbox.faces.kwebbl.errors import ApiError, answer_api_error
from sandbox.pbx import default_pbxes

_STATIC = Path(__file__).parent / "console" / "static"
_HEADERS = {"Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"}


def create_app(address: str) -> Starlette:
    """A sandbox of its own, with the default companies; it needs the server to run its lifespan. `address`: where that is."""
    pbxes = default_pbxes(address)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        for pbx in pbxes.values():
            await pbx.reset()

    routes: list[BaseRoute] = [
        Route("/", console),
        Mount("/static", StaticFiles(directory=_STATIC)),
        Mount("/_control", routes=Control(pbxes).routes()),
        *(Mount(pbx.face.mount_path, routes=pbx.face.routes()) for pbx in pbxes.values()),
    ]
    handlers = {ApiError: answer_api_error, EngineError: answer_control_error, ControlError: answer_control_error}
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)


async def console(_: Request) -> Response:
    return FileResponse(_STATIC / "index.html", headers=_HEADERS)
