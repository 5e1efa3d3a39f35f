"""A server that answers every request with the same bytes, which needn't be HTTP, or be whole."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Misbehaviour:
    """`parts` are sent with a pause between them; then the connection is kept, closed, or reset."""

    parts: tuple[bytes, ...] = ()
    pause_s: float = 0.0
    ending: str = "close"


Body = bytes | Callable[[bytes], bytes] | Misbehaviour
"""JSON, or how it is made from the request's; or something else altogether."""
Good = Mapping[str, Body]
"""By the end of a path: these requests are answered so, as they should be unless it is a misbehaviour."""


@dataclass
class HostileServer:
    """`good` may be changed at any time, and so may `misbehaviour`; None: whatever isn't good is not found."""

    url: str = ""
    misbehaviour: Misbehaviour | None = None
    good: Good = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            request, body = await _read_request(reader)
            self.asked.append(request)
            self.is_asked.set()
            path = request.split(" ")[1].partition("?")[0]
            good = next((each for ending, each in self.good.items() if path.endswith(ending)), None)
            await _send(writer, self._made(good, body))
        writer.close()

    def _made(self, good: Body | None, asked: bytes) -> Misbehaviour:
        if good is None:
            return self.misbehaviour or Misbehaviour((answer(b"{}", 404),))
        if isinstance(good, Misbehaviour):
            return good
        return Misbehaviour((answer(good if isinstance(good, bytes) else good(asked)),))


async def _read_request(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """Its first line, and its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lengths = [line.partition(":")[2] for line in head.splitlines() if line.lower().startswith("content-length:")]
    body = await reader.readexactly(int(lengths[0]) if lengths else 0)
    return head.splitlines()[0], body


async def _send(writer: asyncio.StreamWriter, what: Misbehaviour) -> None:
    for part in what.parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(what.pause_s)
    if what.ending == "reset":
        writer.transport.abort()
    elif what.ending == "keep":
        await asyncio.sleep(3600)


def answer(
    body: bytes,
    status: int = 200,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
    *,
    length: int | None = None,
) -> bytes:
    """A proper answer, unless it is told a wrong length or odd headers."""
    lines = [
        f"HTTP/1.1 {status} Whatever",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body) if length is None else length}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


@asynccontextmanager
async def hostile_server(
    misbehaviour: Misbehaviour | None = None, good: Good | None = None
) -> AsyncIterator[HostileServer]:
    """Runs one on loopback."""
    hostile = HostileServer(misbehaviour=misbehaviour, good=good or {})
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(hostile.serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1")
    hostile.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api"
    try:
        yield hostile
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
