"""A vendor's server on loopback, in a thread of its own: SSE at `/<account>/events`, websockets at `/<account>/socket`, answers
to those who ask for what is new at `/<account>/poll`.
"""

import asyncio
import contextlib
import threading
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
from aiohttp import web

from tests.servers import free_port

T = TypeVar("T")
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
HEARTBEAT_SECONDS = 0.5
Open = web.StreamResponse | web.WebSocketResponse


@dataclass
class Line:
    """One account at the vendor."""

    open: list[Open] = field(default_factory=list)
    most_open: int = 0
    connected_at: list[float] = field(default_factory=list)
    answer: Answer | None = None
    """Instead of a stream."""
    silent: bool = False
    beats: int = 0
    calls: list[dict[str, str]] = field(default_factory=list)
    """What a snapshot lists."""
    untold: list[str] = field(default_factory=list)
    """What the next poll is told."""


class Vendor:
    """What tests tell it to do happens at once; all methods may be called from any thread but its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self.lines: defaultdict[str, Line] = defaultdict(Line)
        self.answer: Answer | None = None
        """To everybody, instead of a stream."""
        self._loop = asyncio.new_event_loop()

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def send(self, name: str, payload: Any) -> None:
        """To everybody who is connected as this account; text as it is, all else as JSON."""
        text = payload if isinstance(payload, str) else orjson.dumps(payload).decode()
        self._do(self._send(name, text))

    def send_raw(self, name: str, data: bytes, *, hang_up: bool = False) -> None:
        """Bytes as they are, past all framing."""
        self._do(self._send_raw(name, data, hang_up=hang_up))

    def hang_up(self, name: str) -> None:
        self.send_raw(name, b"", hang_up=True)

    async def _send(self, name: str, text: str) -> None:
        for each in list(self.lines[name].open):
            with contextlib.suppress(ConnectionError):  # who finds it too large hangs up before its end
                if isinstance(each, web.WebSocketResponse):
                    await each.send_str(text)
                else:
                    await each.write(f"data: {text}\n\n".encode())

    async def _send_raw(self, name: str, data: bytes, *, hang_up: bool) -> None:
        for each in list(self.lines[name].open):
            transport = each._req.transport  # type: ignore[union-attr]
            assert transport is not None
            transport.write(data)
            if hang_up:
                transport.close()

    async def _events(self, request: web.Request) -> web.StreamResponse:
        line = self.lines[request.match_info["name"]]
        line.connected_at.append(time.monotonic())
        if (answer := line.answer or self.answer) is not None:
            return await answer(request)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with _listed(line, response):
            while True:
                await asyncio.sleep(HEARTBEAT_SECONDS)
                if not line.silent:
                    await response.write(b":\n\n")
                    line.beats += 1

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        line = self.lines[request.match_info["name"]]
        line.connected_at.append(time.monotonic())
        if (answer := line.answer or self.answer) is not None:
            return await answer(request)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        with _listed(line, socket):
            beating = asyncio.create_task(_beat(line, socket))
            async for _ in socket:
                pass
            beating.cancel()
        return socket

    async def _poll(self, request: web.Request) -> web.StreamResponse:
        line = self.lines[request.match_info["name"]]
        line.connected_at.append(time.monotonic())
        if (answer := line.answer or self.answer) is not None:
            return await answer(request)
        told, line.untold = line.untold, []
        return web.json_response(told)

    async def _calls(self, request: web.Request) -> web.Response:
        return web.json_response(self.lines[request.match_info["name"]].calls)

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _serve(self, ready: threading.Event) -> None:
        app = web.Application()
        app.router.add_get("/{name}/events", self._events)
        app.router.add_get("/{name}/socket", self._socket)
        app.router.add_get("/{name}/poll", self._poll)
        app.router.add_get("/{name}/calls", self._calls)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        self._stopped = asyncio.Event()
        ready.set()
        await self._stopped.wait()
        await runner.cleanup()

    @contextlib.contextmanager
    def running(self) -> Iterator["Vendor"]:
        ready = threading.Event()
        thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve(ready)), daemon=True)
        thread.start()
        assert ready.wait(10)
        yield self
        self._loop.call_soon_threadsafe(self._stopped.set)
        thread.join(10)


@contextlib.contextmanager
def _listed(line: Line, response: Open) -> Iterator[None]:
    line.open.append(response)
    line.most_open = max(line.most_open, len(line.open))
    try:
        yield
    finally:
        line.open.remove(response)


async def _beat(line: Line, socket: web.WebSocketResponse) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        if not line.silent:
            await socket.ping()
            line.beats += 1
