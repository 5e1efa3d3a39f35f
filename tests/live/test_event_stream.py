"""GET /events/stream against a real web process, as a program that only listens would use it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import cast

import aiohttp
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client

from common.ids import public_id
from common.times import utc_now
from cti.live.credentials import token_of
from cti.live.hub import Hub
from cti.live.protocol import Filter
from cti.live.socket import MAX_QUEUED
from cti.live.stream import EventStream, Frames
from integrations.models import Extension
from tenants.models import ApiKey, Role, Scope
from tenants.rls import tenant_scope
from tests.connected import BOB, Connected, kwebbl_event
from tests.live.test_events_socket import connect_in_thread, deliver
from tests.servers import Server

pytestmark = pytest.mark.usefixtures("committed_db")
SECONDS = 5.0
BOBS = {"extension_id": BOB}


@asynccontextmanager
async def listen(
    server: Server, connected: Connected, query: str = "", **headers: str
) -> AsyncIterator[aiohttp.StreamReader]:
    sent = {"Authorization": f"Bearer {connected.company.api_key}", "Accept": "text/event-stream"} | headers
    async with (
        aiohttp.ClientSession(server.url) as session,
        session.get(f"/api/v1/events/stream{query}", headers=sent) as response,
    ):
        assert (response.status, response.content_type) == (200, "text/event-stream")
        assert (await hear(response.content)).keys() == {"retry"}
        yield response.content


async def hear(stream: aiohttp.StreamReader) -> dict[str, str]:
    """The fields of the next message; comments are left out."""
    fields = {}
    while line := (await asyncio.wait_for(stream.readline(), SECONDS)).decode().rstrip("\n"):
        name, _, value = line.partition(": ")
        fields[name] = value
    return {name: value for name, value in fields.items() if name}


async def hear_ids(stream: aiohttp.StreamReader, count: int) -> list[int]:
    return [int((await hear(stream))["id"]) for _ in range(count)]


async def test_events_go_live_as_the_log_has_them(web_server: Server) -> None:
    connected = await connect_in_thread()
    async with listen(web_server, connected) as stream:
        await deliver(web_server, connected, kwebbl_event("ringing"))
        first, second = await hear(stream), await hear(stream)
    assert (first["id"], first["event"], second["id"], second["event"]) == (
        *("1", "call.originated"),
        *("2", "call.delivered"),
    )
    assert json.loads(second["data"])["data"]["call"]["state"] == "alerting"


@pytest.mark.parametrize(
    ("query", "headers"), [("?after=5", {}), ("", {"Last-Event-ID": "5"}), ("?after=1", {"Last-Event-ID": "5"})]
)
async def test_a_stream_resumes_without_gap_or_duplicate(
    web_server: Server, query: str, headers: dict[str, str]
) -> None:
    connected = await connect_in_thread()
    calls = [kwebbl_event("ringing", f"call-{number}") for number in range(10)]
    await deliver(web_server, connected, *calls[:5])
    async with listen(web_server, connected, query, **headers) as stream:
        await deliver(web_server, connected, *calls[5:])
        assert await hear_ids(stream, 15) == list(range(6, 21))


async def test_a_stream_is_filtered(web_server: Server) -> None:
    connected = await connect_in_thread()
    await deliver(web_server, connected, kwebbl_event("ringing"), kwebbl_event("ringing", "call-2", to=BOBS))
    bob = public_id("ext", (await asyncio.to_thread(connected.extension, BOB)).id)
    account = connected.account_id
    async with listen(
        web_server, connected, f"?after=0&types=call.delivered&extension={bob}&account={account}"
    ) as stream:
        assert await hear(stream) | {"data": ""} == {"id": "4", "event": "call.delivered", "data": ""}


async def test_no_other_tenants_events_are_heard(web_server: Server) -> None:
    connected, others = await connect_in_thread(), await connect_in_thread()
    async with listen(web_server, others) as stream:
        await deliver(web_server, connected, kwebbl_event("ringing"))
        await deliver(web_server, others, kwebbl_event("ringing"))
        assert json.loads((await hear(stream))["data"])["account_id"] == others.account_id


@asynccontextmanager
async def listen_in_browser(server: Server, browser: Client) -> AsyncIterator[aiohttp.StreamReader]:
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    async with (
        aiohttp.ClientSession(server.url, cookies=cookies) as session,
        session.get("/api/v1/events/stream") as response,
    ):
        assert (await hear(response.content)).keys() == {"retry"}
        yield response.content


async def test_a_browser_needs_no_key(web_server: Server) -> None:
    connected = await connect_in_thread()
    browser = await asyncio.to_thread(connected.company.browser)
    async with listen_in_browser(web_server, browser) as stream:
        await deliver(web_server, connected, kwebbl_event("ringing"))
        assert await hear_ids(stream, 2) == [1, 2]


async def test_agents_hear_of_their_own_lines(web_server: Server) -> None:
    connected = await connect_in_thread()
    browser = await asyncio.to_thread(agent_with_bobs_line, connected)
    async with listen_in_browser(web_server, browser) as stream:
        await deliver(web_server, connected, kwebbl_event("ringing"), kwebbl_event("ringing", "call-2", to=BOBS))
        assert await hear_ids(stream, 2) == [3, 4]


def agent_with_bobs_line(connected: Connected) -> Client:
    member = connected.company.member(Role.AGENT)
    with tenant_scope(connected.tenant_id):
        Extension.objects.filter(vendor_extension_id=BOB).update(member=member)
    return connected.company.browser(member.user)


async def test_there_is_no_head_of_what_never_ends(web_server: Server) -> None:
    connected = await connect_in_thread()
    sent = {"Authorization": f"Bearer {connected.company.api_key}"}
    async with (
        aiohttp.ClientSession(web_server.url) as session,
        session.head("/api/v1/events/stream", headers=sent) as response,
    ):
        assert response.status == 405


async def test_many_listeners_leave_the_database_to_others(web_server: Server) -> None:
    """A stream that is open for hours must not hold a connection all the while."""
    connected, most = await connect_in_thread(), settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
    async with AsyncExitStack() as open_streams:
        for _ in range(most + 1):
            await open_streams.enter_async_context(listen(web_server, connected))
        async with listen(web_server, connected) as stream:
            await deliver(web_server, connected, kwebbl_event("ringing"))
            assert await hear_ids(stream, 2) == [1, 2]


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("", {"Authorization": "Bearer pb_nobody_nothing"}, 401),
        ("?account=acc_1", {}, 400),
        ("?after=-1", {}, 400),
    ],
)
async def test_a_refusal_is_a_problem(web_server: Server, query: str, headers: dict[str, str], status: int) -> None:
    connected = await connect_in_thread()
    sent = {"Authorization": f"Bearer {connected.company.api_key}", "Accept": "text/event-stream"} | headers
    async with (
        aiohttp.ClientSession(web_server.url) as session,
        session.get(f"/api/v1/events/stream{query}", headers=sent) as response,
    ):
        assert (response.status, response.content_type) == (status, "application/problem+json")


async def test_it_takes_the_scope_to_read_events(web_server: Server) -> None:
    connected = await connect_in_thread()
    key = await asyncio.to_thread(connected.company.key, Scope.CALLS_READ)
    async with (
        aiohttp.ClientSession(web_server.url) as session,
        session.get("/api/v1/events/stream", headers={"Authorization": f"Bearer {key}"}) as response,
    ):
        assert response.status == 403


async def test_a_client_that_does_not_read_is_cut_off() -> None:
    frames = Frames()
    for number in range(MAX_QUEUED + 1):
        frames.put(str(number))
    assert (frames.closed, await frames.take()) == (True, None)


async def test_frames_are_flushed_when_the_last_is_taken() -> None:
    frames = Frames()
    frames.put("one")
    flushed = asyncio.create_task(frames.flushed())
    assert await frames.take() == "one"
    await asyncio.wait_for(flushed, SECONDS)


async def test_a_stream_ends_when_its_key_is_revoked(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = await connect_in_thread()
    monkeypatch.setattr(EventStream, "hub", cast(Hub, object()))
    credential = await sync_to_async(token_of)(connected.company.api_key, "192.0.2.1")
    stream = EventStream(credential, Filter(), None)
    await stream.check_credential()
    assert not stream.closed
    await sync_to_async(revoke)(connected)
    await stream.check_credential()
    assert stream.closed


def revoke(connected: Connected) -> None:
    with tenant_scope(connected.tenant_id):
        ApiKey.objects.update(revoked_at=utc_now())
