"""Open-loop load: each event is sent when it is due, however slow the server is, and timed from that moment."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import median
from typing import cast

import aiohttp
import httptools

from benchmarks.ledger import Dialect, settle
from benchmarks.timer import PreciseTimer
from benchmarks.traffic import VendorEvent

HOST = "127.0.0.1"
CONNECTIONS = 128
BACKLOG_SECONDS = 0.75
"""A server that is so far behind won't catch up: the rest isn't sent."""
DRAIN_SECONDS = 15.0
QUIET_SECONDS = 2.0
"""So long after the last frame no other is expected."""


@dataclass(frozen=True)
class Feed:
    """Where one tenant's events go in, and where they come out."""

    hook: str
    socket: str
    api_key: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What a run showed."""

    sent: int
    gave_up: bool
    """The server fell so far behind that the rest wasn't sent."""
    latencies: list[tuple[float, float]]
    """When each event was due, and how many seconds later its frame arrived."""
    faults: Counter[str]
    lag: float
    """By how many seconds the generator itself was late: the median."""


class HookConnection(asyncio.Protocol):
    """A keep-alive connection of the vendor's: one request at a time, the next ones wait in order."""

    def __init__(self) -> None:
        self.answers: Counter[int] = Counter()
        self._waiting: deque[bytes] = deque()
        self._busy = False
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """The parser came to the end of an answer."""
        self.answers[self._parser.get_status_code()] += 1
        self._busy = bool(self._waiting)
        if self._waiting:
            self._transport.write(self._waiting.popleft())

    def post(self, request: bytes) -> None:
        """Sends, or queues behind what is not yet answered. What a closed connection doesn't take counts as refused."""
        if self._transport.is_closing():
            return
        if self._busy:
            self._waiting.append(request)
        else:
            self._busy = True
            self._transport.write(request)

    def close(self) -> None:
        self._transport.abort()


@dataclass
class Listener:
    """A websocket client that keeps every frame with the moment of its arrival."""

    socket: aiohttp.ClientWebSocketResponse
    frames: list[tuple[float, str]] = field(default_factory=list)

    async def listen(self) -> None:
        """Until the socket closes."""
        async for message in self.socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self.frames.append((time.monotonic(), message.data))


async def connect(session: aiohttp.ClientSession, port: int, feed: Feed) -> aiohttp.ClientWebSocketResponse:
    """A websocket that is authenticated, where the arm asks for that, and live."""
    socket = await session.ws_connect(f"ws://{HOST}:{port}{feed.socket}", max_msg_size=0)
    if feed.api_key is not None:
        await socket.send_json({"type": "authenticate", "token": feed.api_key})
    first = await socket.receive_json(timeout=20)
    if first.get("type") != "ready":
        raise RuntimeError(f"the websocket answered {first!r} instead of ready")
    return socket


async def play(port: int, feed: Feed, other: Feed, events: Sequence[VendorEvent], dialect: Dialect) -> Outcome:
    """Sends `events` to `feed`'s hook and hears its websocket; that of `other`, another tenant, must stay silent."""
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        listeners = [Listener(await connect(session, port, which)) for which in (feed, other)]
        listening = [asyncio.create_task(listener.listen()) for listener in listeners]
        connections = [(await loop.create_connection(HookConnection, HOST, port))[1] for _ in range(CONNECTIONS)]
        for connection in connections:
            stack.callback(connection.close)
        start = time.monotonic() + 0.1
        lags = await _send(start, feed.hook, events, connections, listeners[0])
        await _drain(listeners[0], len(lags))
        for listener in listeners:
            await listener.socket.close()
        await asyncio.gather(*listening)
    heard, leaked = ([(moment - start, text) for moment, text in listener.frames] for listener in listeners)
    account = settle(events[: len(lags)], heard, leaked, dialect)
    answers = sum((connection.answers for connection in connections), Counter[int]())
    account.faults["refused"] = len(lags) - sum(count for status, count in answers.items() if 200 <= status < 300)
    return Outcome(len(lags), len(lags) < len(events), account.latencies, +account.faults, median(lags))


async def _send(
    start: float, path: str, events: Sequence[VendorEvent], connections: Sequence[HookConnection], listener: Listener
) -> list[float]:
    """Sends each event when it is due, until the server is hopelessly behind; answers how late each one left here."""
    requests = [_request(path, event.body) for event in events]
    # A call's events take one connection, so that they arrive in order however late the server is.
    lanes = {event.call_id: connections[int(event.call_id[:8], 16) % len(connections)] for event in events}
    lags: list[float] = []
    with PreciseTimer() as timer:
        for event, request in zip(events, requests, strict=True):
            heard = len(listener.frames)
            if event.due - events[heard - 1 if heard else 0].due > BACKLOG_SECONDS and len(lags) - heard > CONNECTIONS:
                break
            await timer.sleep_until(start + event.due)
            lanes[event.call_id].post(request)
            lags.append(time.monotonic() - start - event.due)
    return lags


async def _drain(listener: Listener, count: int) -> None:
    """Waits for `count` frames, and then a moment for any too many."""
    deadline = time.monotonic() + DRAIN_SECONDS
    heard, last_change = len(listener.frames), time.monotonic()
    while (now := time.monotonic()) < min(deadline, last_change + QUIET_SECONDS):
        if len(listener.frames) >= count and now > last_change + 0.2:
            return
        if len(listener.frames) != heard:
            heard, last_change = len(listener.frames), now
        await asyncio.sleep(0.02)


def _request(path: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
