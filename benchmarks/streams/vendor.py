"""The vendors: a server that keeps thousands of connections, beats their hearts, answers polls, and sends an event when told to;
and four that are dead or slow, each in its own way.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiohttp import web

from benchmarks.load import HOST

HEARTBEAT_SECONDS = 20.0
DRIP_SECONDS = 1.0


class Vendor:
    """Within the benchmark's own event loop, so that what it sends is timed by the same clock."""

    def __init__(self) -> None:
        self.lines: dict[str, web.StreamResponse | web.WebSocketResponse] = {}
        self.connections = 0
        """Ever made: more than there are accounts means that some broke."""
        self.polls: defaultdict[str, list[float]] = defaultdict(list)
        """When each account's poller asked."""

    async def start(self) -> str:
        """Answers the address."""
        app = web.Application()
        app.router.add_get("/poll/{account}", self._answer)
        app.router.add_get("/{kind}/{account}", self._connect)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, 0, backlog=4096)
        await site.start()
        return f"http://{HOST}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def send(self, account: str, body: bytes) -> None:
        match self.lines[account]:
            case web.WebSocketResponse() as socket:
                await socket.send_str(body.decode())
            case response:
                await response.write(b"data: " + body + b"\n\n")

    async def _answer(self, request: web.Request) -> web.Response:
        polls = self.polls[request.match_info["account"]]
        self.connections += not polls
        polls.append(asyncio.get_running_loop().time())
        return web.Response(body=b"[]", content_type="application/json")

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        self.connections += 1
        line: Any
        if request.match_info["kind"] == "sse":
            line = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        else:
            line = web.WebSocketResponse(compress=False)
        await line.prepare(request)
        self.lines[request.match_info["account"]] = line
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await (line.ping() if isinstance(line, web.WebSocketResponse) else line.write(b":\n\n"))


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class BadVendors:
    """Four addresses: one never answers, one drips a byte a second, one answers 503, and one refuses connections."""

    def __init__(self) -> None:
        self.tries = 0
        self._servers: list[asyncio.Server] = []

    async def start(self) -> list[str]:
        """Answers the addresses."""
        for serve in (_hang, _drip, _fail, _hang):
            self._servers.append(await asyncio.start_server(self._counted(serve), HOST, 0, backlog=4096))
        ports = [server.sockets[0].getsockname()[1] for server in self._servers]
        self._servers.pop().close()  # the last refuses from now on
        return [f"http://{HOST}:{port}" for port in ports]

    def stop(self) -> None:
        for server in self._servers:
            server.close()

    def _counted(self, serve: Serve) -> Serve:
        async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.tries += 1
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):  # however it ends
                await reader.readuntil(b"\r\n\r\n")
                await serve(reader, writer)
            writer.close()

        return counted


async def _hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def _drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 100000\r\n\r\n" + b"x" * 1000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(DRIP_SECONDS)


async def _fail(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy")
    await writer.drain()
