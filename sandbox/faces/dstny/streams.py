"""Server-sent events: who listens to what, with comments as heartbeats while nothing happens."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from starlette.responses import StreamingResponse

from sandbox.faces.dstny.connection import Connection
from sandbox.faults import FaultState

Topic = tuple[str, ...]
Render = Callable[[int], str]
_HEADERS = {"Cache-Control": "no-cache"}


@dataclass(slots=True, eq=False)
class _Stream:
    """What is still to be sent; None ends it. `version` counts what was put."""

    topic: Topic
    queue: "asyncio.Queue[str | None]" = field(default_factory=asyncio.Queue)
    version: int = 0


class Streams:
    """All open streams of one company. Outages (see `faults.py`) lose or delay their events, too."""

    def __init__(self, connection: Connection, faults: FaultState) -> None:
        self.connection = connection
        self.faults = faults
        self._open: dict[Topic, list[_Stream]] = {}

    def open(self, topic: Topic, first: Render | None = None) -> StreamingResponse:
        """The answer to a request for a stream. `first` is sent at once; the number given to it is 0, then 1, 2, …"""
        stream = _Stream(topic)
        if first is not None:
            self._put(stream, first)
        self._open.setdefault(topic, []).append(stream)
        return StreamingResponse(self._send(stream), media_type="text/event-stream", headers=_HEADERS)

    def publish(self, topic: Topic, render: Render) -> None:
        if asyncio.get_running_loop().time() < self.faults.lose_until:
            return
        for stream in self._open.get(topic, ()):
            self._put(stream, render)

    def close(self, topic: Topic | None = None) -> int:
        """Ends the streams about that, or all; answers how many."""
        ending = [each for each in self._streams if topic in (None, each.topic)]
        for stream in ending:
            stream.queue.put_nowait(None)
            self._forget(stream)
        return len(ending)

    @property
    def counts(self) -> dict[str, int]:
        """How many listen, by topic."""
        return {" ".join(topic): len(streams) for topic, streams in self._open.items()}

    @property
    def _streams(self) -> list[_Stream]:
        return [stream for streams in self._open.values() for stream in streams]

    def _forget(self, stream: _Stream) -> None:
        """It may have been forgotten already: by being closed, before its listener has gone."""
        streams = self._open.get(stream.topic, [])
        if stream in streams:
            streams.remove(stream)
        if not streams:
            self._open.pop(stream.topic, None)

    def _put(self, stream: _Stream, render: Render) -> None:
        stream.queue.put_nowait(render(stream.version))
        stream.version += 1

    async def _send(self, stream: _Stream) -> AsyncIterator[str]:
        """Every line of an event's data needs its own prefix."""
        try:
            while True:
                data = await self._next(stream)
                if data is None:
                    return
                await asyncio.sleep(max(0.0, self.faults.hold_until - asyncio.get_running_loop().time()))
                yield data
        finally:
            self._forget(stream)

    async def _next(self, stream: _Stream) -> str | None:
        """The next event, or a comment after so long without one; None at the end."""
        try:
            async with asyncio.timeout(self.connection.heartbeat_s or None):
                data = await stream.queue.get()
        except TimeoutError:
            return ": keep-alive\n\n"
        if data is None:
            return None
        return "".join(f"data: {line}\n" for line in data.splitlines()) + "\n"
