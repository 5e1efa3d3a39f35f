"""Websockets as a client: what comes, how they end, and servers that don't play by the rules."""

import ipaddress
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import WSCloseCode, web
from aiohttp.test_utils import TestServer

from common.http import AddressRefused, AnswerTooLarge, HttpClient, NoAnswer, StreamRefused
from common.websockets import MAX_MESSAGE_BYTES, Ping, WebSocket, open_websocket

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Message = str | bytes | Ping


def _sends(*frames: bytes) -> Handler:
    """Completes the handshake, then sends bytes as they are, and hangs up."""

    async def handler(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        assert request.transport is not None
        for frame in frames:
            request.transport.write(frame)
        request.transport.close()
        return socket

    return handler


async def _read(
    handler: Handler, sent: str | None = None, ping_every: float | None = None
) -> tuple[list[Message], WebSocket]:
    app = web.Application()
    app.router.add_get("/", handler)
    async with (
        TestServer(app) as server,
        HttpClient(allowed_networks=LOOPBACK) as http,
        open_websocket(http, f"ws://127.0.0.1:{server.port}/", ping_every=ping_every) as socket,
    ):
        if sent is not None:
            await socket.send(sent)
        return [message async for message in socket], socket


async def test_messages_pings_and_the_end_in_the_servers_words() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        said = await socket.receive_str()
        await socket.ping(b"there?")
        assert (await socket.receive()).data == b"there?"
        await socket.send_str(said + "!")
        await socket.send_bytes(b"\x00\xff")
        await socket.close(code=4001, message=b"session expired")
        return socket

    messages, socket = await _read(handler, sent="hello")
    assert messages == [Ping(), "hello!", b"\x00\xff"]
    assert (socket.close_code, socket.close_reason) == (4001, "session expired")


async def test_a_page_instead_of_a_websocket_is_refused_with_its_status() -> None:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(text="<h1>No</h1>", status=401, headers={"X-Why": "old"})

    with pytest.raises(StreamRefused) as refused:
        await _read(handler)
    assert (refused.value.response.status, refused.value.response.headers["x-why"]) == (401, "old")


async def test_redirects_are_not_followed() -> None:
    async def handler(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("http://127.0.0.1:1/")

    with pytest.raises(NoAnswer, match="redirects"):
        await _read(handler)


async def test_private_addresses_are_refused() -> None:
    async with HttpClient(allowed_networks=()) as http:
        with pytest.raises(AddressRefused):
            async with open_websocket(http, "ws://127.0.0.1:1/"):
                pass


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([], id="no closing frame"),
        pytest.param([b"\x81\x7eAB"], id="half a frame"),
        pytest.param([b"\x81\x05he"], id="half a message"),
        pytest.param([b"\xff\xff\xff\xff"], id="no frame at all"),
        pytest.param([b"<html>oops</html>"], id="a page"),
        pytest.param([b"\x81\x02\xff\xfe"], id="text that is no UTF-8"),
    ],
)
async def test_a_connection_that_breaks_or_breaks_the_rules_is_an_error(frames: list[bytes]) -> None:
    with pytest.raises(NoAnswer, match="the connection broke"):
        await _read(_sends(*frames))


async def test_a_message_may_not_be_endless() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str("x" * (MAX_MESSAGE_BYTES + 1))
        assert (await socket.receive()).data == WSCloseCode.MESSAGE_TOO_BIG
        return socket

    with pytest.raises(AnswerTooLarge):
        await _read(handler)


async def test_a_server_that_is_silent_to_our_pings_is_dead() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        while not socket.closed:
            await socket.receive()
        return socket

    with pytest.raises(NoAnswer, match="PONG"):
        await _read(handler, ping_every=0.1)
