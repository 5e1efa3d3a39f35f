"""The web process: vendors' hooks and live sockets on the event loop itself, everything else through Django."""

import gc
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application

_django = get_asgi_application()  # sets Django up; what follows imports models

from channels.routing import URLRouter
from django.urls import path

from cti.ingest.hooks import PREFIX, Hooks
from cti.live.consumer import EventsConsumer
from cti.runtime import Runtime

_sockets = URLRouter([path("ws/v1/events", EventsConsumer.as_asgi())])


class Application:
    """Routes by protocol, and ties the runtime to the life of the process."""

    def __init__(self) -> None:
        self._runtime: Runtime | None = None

    @property
    def hooks(self) -> Hooks | None:
        """What vendors call, while the process lives."""
        return self._runtime.hooks if self._runtime is not None else None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["path"].startswith(PREFIX) and self.hooks is not None:
            await self.hooks(scope, receive, send)
        else:
            await _django(scope, receive, send)

    @staticmethod
    async def _websocket(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["path"] == "/ws/v1/events":
            await _sockets(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 4404})

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        self._runtime = Runtime()
        await self._runtime.start()
        gc.collect()
        gc.freeze()  # the garbage collector need not walk what start-up made, 100 ms each time
        gc.set_threshold(20_000, 20, 20)  # nor look for cycles after every few events, which leave none
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._runtime.stop()
        await send({"type": "lifespan.shutdown.complete"})


application = Application()
