"""Server-sent events: what becomes of bytes, however they are cut, and of servers that don't play by the rules."""

import asyncio
import gzip
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from common.http import AnswerTooLarge, HttpClient, NoAnswer, OutboundError, StreamRefused
from common.sse import MAX_EVENT_BYTES, SseComment, SseEvent, SseParser, open_events

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
STREAM = (
    b'\xef\xbb\xbf: hello\r\n\r\nevent: call\ndata: {"a":\rdata: 1}\rid: 7\r\rdata:two\ndata\n\n'
    b"event: beat\n\ndata: J\xc3\xa9\xff\r\n\r\nretry: 5\nunknown: x\n\n"
)
MEANING = [
    SseComment("hello"),
    SseEvent('{"a":\n1}', "call", "7"),
    SseEvent("two\n", "message", "7"),
    SseComment("beat"),
    SseEvent("Jé\ufffd", "message", "7"),
    SseComment(""),
]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_however_they_are_cut(size: int) -> None:
    parser = SseParser()
    found = [item for at in range(0, len(STREAM), size) for item in parser.feed(STREAM[at : at + size])]
    assert found == MEANING
    assert not parser.is_inside_event


def test_an_event_may_not_grow_for_ever() -> None:
    parser = SseParser()
    for _ in range(MAX_EVENT_BYTES // 1024):
        parser.feed(b"data: " + b"x" * 1018 + b"\n")
    with pytest.raises(AnswerTooLarge):
        parser.feed(b"data: 1\n")


def test_comments_are_no_part_of_an_events_size() -> None:
    parser = SseParser()
    parser.feed(b"data: 1\n")
    for _ in range(2000):
        parser.feed(b":" + b"x" * 1000 + b"\n")
    assert parser.feed(b"\n") == [SseEvent("1")]


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def _send(request: web.Request, *chunks: bytes, **headers: str) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"} | headers)
    await response.prepare(request)
    for chunk in chunks:
        await response.write(chunk)
    return response


def _sends(*chunks: bytes, **headers: str) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return await _send(request, *chunks, **headers)

    return handler


async def _read(handler: Handler) -> list[SseEvent | SseComment]:
    app = web.Application()
    app.router.add_get("/", handler)
    async with (
        TestServer(app) as server,
        HttpClient(allowed_networks=LOOPBACK) as http,
        open_events(http, str(server.make_url("/"))) as events,
    ):
        return [item async for item in events]


async def test_what_a_server_sends_until_it_ends() -> None:
    assert await _read(_sends(STREAM)) == MEANING


async def test_events_come_as_they_are_sent() -> None:
    asked = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = await _send(request, b"data: 1\n\n")
        await asked.wait()
        await response.write(b"data: 2\n\n")
        return response

    app = web.Application()
    app.router.add_get("/", handler)
    async with (
        TestServer(app) as server,
        HttpClient(allowed_networks=LOOPBACK) as http,
        open_events(http, str(server.make_url("/"))) as events,
    ):
        items: AsyncIterator[SseEvent | SseComment] = aiter(events)
        assert await anext(items) == SseEvent("1")
        asked.set()
        assert await anext(items) == SseEvent("2")


async def test_an_event_cut_off_at_the_end_is_an_error() -> None:
    with pytest.raises(NoAnswer, match="in the middle of an event"):
        await _read(_sends(b"data: 1\n\ndata: {"))


async def test_a_connection_that_breaks_is_an_error() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = await _send(request, b"data: 1\n\n")
        assert request.transport is not None
        request.transport.abort()
        return response

    with pytest.raises(NoAnswer, match="the connection broke"):
        await _read(handler)


async def test_a_page_instead_of_events_is_refused_with_its_words() -> None:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(text="<h1>Down for maintenance</h1>", content_type="text/html")

    with pytest.raises(StreamRefused, match="no event stream, but text/html with status 200") as refused:
        await _read(handler)
    assert b"maintenance" in refused.value.response.body


async def test_an_error_is_refused_with_its_status() -> None:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.json_response({"error": "expired"}, status=401, headers={"X-Why": "old"})

    with pytest.raises(StreamRefused) as refused:
        await _read(handler)
    assert (refused.value.response.status, refused.value.response.headers["x-why"]) == (401, "old")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"data: " + b"0" * (200 * 1024 * 1024), id="one endless event"),
        pytest.param(b"data: 0\n" * (10 * 1024 * 1024), id="one of endless lines"),
    ],
)
async def test_a_gzip_bomb_is_let_out_step_by_step(body: bytes) -> None:
    packed = gzip.compress(body)
    with pytest.raises(AnswerTooLarge):
        await _read(_sends(packed, **{"Content-Encoding": "gzip"}))


async def test_bytes_that_are_not_what_their_encoding_says() -> None:
    with pytest.raises(OutboundError):
        await _read(_sends(b"data: 1\n\n", **{"Content-Encoding": "gzip"}))
