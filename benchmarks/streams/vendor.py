"""The vendor: a server that keeps thousands of connections, beats their hearts, and sends an event when told to."""

import asyncio
from typing import Any

from aiohttp import web

from benchmarks.load import HOST

HEARTBEAT_SECONDS = 20.0


class Vendor:
    """Within the benchmark's own event loop, so that what it sends is timed by the same clock."""

    def __init__(self) -> None:
        self.lines: dict[str, web.StreamResponse | web.WebSocketResponse] = {}
        self.connections = 0
        """Ever made: more than there are accounts means that some broke."""

    async def start(self) -> str:
        """Answers the address."""
        app = web.Application()
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
