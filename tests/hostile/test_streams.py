"""Streams that no vendor should send: each adapter's ends with an error of the contract, in words and in time, or goes on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

import pytest
from msgspec import json

from common import http
from integrations.contract.errors import VendorError
from integrations.contract.streams import Connected, Received, StreamItem
from integrations.vendors.dstny import stream
from tests.hostile.misbehaviours import MISBEHAVIOURS
from tests.hostile.operations import adapter_at
from tests.hostile.server import HostileServer, Misbehaviour, hostile_server
from tests.integrations.ringcentral.test_websocket import Line, heard, subscribed

IMPATIENCE_S = 0.4
IN_TIME_S = 8.0
MOST_ITEMS = 200
_SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
_OPEN = _SSE + b"Connection: close\r\n\r\n"
EVENTS: dict[str, Misbehaviour] = {
    "cut off in an event": Misbehaviour((_OPEN, b"data: <dialog-in")),
    "cut off in a chunk": Misbehaviour((_SSE + b"Transfer-Encoding: chunked\r\n\r\n", b"ff\r\ndata: a\n\n")),
    "an event without end": Misbehaviour((_OPEN, b"data: " + b"x" * 2_000_000), ending="keep"),
    "lines without end": Misbehaviour((_OPEN, b"data: x\n" * 200_000), ending="keep"),
    "entities": Misbehaviour((_OPEN, b'data: <!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>\n\n')),
    "no text": Misbehaviour((_OPEN, b"data: \xff\xfe\0\x80\n\n", b"\0\0\0\n\n")),
    "unknown fields": Misbehaviour((_OPEN, b"id: \0\nretry: -1\nevent: \nfoo: bar\n: \n\ndata\n\n")),
    "silence": Misbehaviour((_OPEN,), ending="keep"),
    "a reset": Misbehaviour((_OPEN, b"data: a\n\n"), pause_s=0.02, ending="reset"),
    "gzip that is none": Misbehaviour((_SSE + b"Content-Encoding: gzip\r\n\r\nplain",)),
    "a page amid events": Misbehaviour((_OPEN, b"<html>\n\n<body>Down</body>\n\n")),
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TOTAL_SECONDS", IMPATIENCE_S)
    monkeypatch.setattr(stream, "SILENCE_S", IMPATIENCE_S)


async def followed(vendor: str, server: HostileServer) -> tuple[list[StreamItem], VendorError | None]:
    """What the adapter's stream yields, and how it ends; any other error than the contract's is raised."""
    items: list[StreamItem] = []
    async with adapter_at(vendor, server.url, transport="sse" if vendor == "dstny" else "websocket") as adapter:
        try:
            async with (
                asyncio.timeout(IN_TIME_S),
                aclosing(cast("AsyncGenerator[StreamItem]", adapter.stream())) as found,
            ):
                async for item in found:
                    items.append(item)
                    assert len(items) < MOST_ITEMS
        except VendorError as error:
            assert str(error)  # noqa: PT017 - of a stream that may end well, too
            return items, error
    return items, None


@pytest.mark.parametrize("name", MISBEHAVIOURS)
@pytest.mark.parametrize("vendor", ["ringcentral", "dstny"])
async def test_answers_that_are_no_streams(vendor: str, name: str) -> None:
    async with hostile_server(MISBEHAVIOURS[name]) as server:
        if vendor == "ringcentral":
            server.good = _token(server.url.replace("http", "ws"))
        items, error = await followed(vendor, server)
    assert error is not None
    assert items == []


@pytest.mark.parametrize("name", EVENTS)
async def test_events_that_dstny_should_not_send(name: str) -> None:
    async with hostile_server(EVENTS[name], {"/anna": b'{"fullState":true,"calls":[]}'}) as server:
        items, error = await followed("dstny", server)
    assert isinstance(items[0], Connected)
    assert error is not None


@pytest.mark.parametrize(
    "body", [b"null", b"[]", b'"x"', b'{"calls":5}', b'{"calls":[{}]}', b"<html>", b"[" * 10_000, b""]
)
async def test_states_that_dstny_should_not_show(body: bytes) -> None:
    """They are fetched as soon as the stream stands."""
    async with hostile_server(Misbehaviour((_OPEN, b"data: <a/>\n\n"), pause_s=0.1), {"/anna": body}) as server:
        _, error = await followed("dstny", server)
    assert error is not None


@pytest.mark.parametrize(
    "uri",
    ["", "file:///etc/passwd", "ws://169.254.169.254/x", "ws://[", "ws://127.0.0.1:1/", "gopher://a", "\0", "x" * 9999],
)
async def test_addresses_that_ringcentral_should_not_name(uri: str) -> None:
    async with hostile_server(good=_token(uri)) as server:
        items, error = await followed("ringcentral", server)
    assert (items, error is not None) == ([], True)


def _token(uri: str) -> dict[str, bytes]:
    return {"/wstoken": json.encode({"uri": uri, "ws_access_token": "once", "expires_in": 30})}


RAW = {
    "half a frame": b"\x81\x7eAB",
    "a reserved opcode": b"\x83\x00",
    "reserved bits": b"\xf1\x02{}",
    "a masked frame": b"\x81\x82\0\0\0\0{}",
    "a frame of exabytes": b"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff",
    "text that is none": b"\x81\x02\xff\xfe",
    "a continuation of nothing": b"\x80\x02{}",
    "a ping that is too long": b"\x89\x7e\x01\x00" + b"x" * 256,
    "a close that is half": b"\x88\x01\x03",
    "HTTP": b"HTTP/1.1 400 Bad Request\r\n\r\n",
}
TEXTS = [
    *("", "null", "5", '"x"', "{}", "[[]]", "[null]", "[5, {}]", '[{"type": 5}]', '[{"type": "ConnectionDetails"}]'),
    *('[{"wsc": {"token": {}}}]', '[{"type":"ServerNotification"', "<html>Down</html>", "[" * 5000, "x" * 2_000_000),
]


@pytest.mark.parametrize("name", RAW)
async def test_frames_that_no_websocket_has(name: str) -> None:
    async def speak(line: Line) -> None:
        await subscribed(line)
        transport = line.socket._req.transport  # type: ignore[union-attr]  # past all framing
        assert transport is not None
        transport.write(RAW[name])
        await asyncio.sleep(0.05)
        transport.close()

    items, error = await heard(speak)
    assert isinstance(items[0], Connected)
    assert str(error)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:30] or "nothing")
async def test_frames_that_ringcentral_should_not_send(text: str) -> None:
    """Whatever comes after one of them comes again, once the connection has been made anew."""

    async def speak(line: Line) -> None:
        await subscribed(line)
        await line.socket.send_str(text)

    async def again(line: Line) -> None:
        await subscribed(line)
        await line.send("ServerNotification", {"event": "a"})

    items, error = await heard(speak, again)
    assert isinstance(items[0], Connected)
    assert Received(b'{"event": "a"}') in items
    assert str(error)
