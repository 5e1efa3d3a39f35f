"""WS /ws/v1/events against a real web process, as a CRM and as a browser would use it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import websockets
from asgiref.sync import sync_to_async
from websockets.asyncio.client import ClientConnection

from common.ids import public_id
from tenants.models import Role, Scope
from tests.connected import ANNA, BOB, Connected, connect_account, kwebbl_event
from tests.servers import Server
from tests.tenancy import Company

pytestmark = pytest.mark.usefixtures("committed_db")
SECONDS = 5.0


async def connect_in_thread(company: Company | None = None) -> Connected:
    return await sync_to_async(connect_account)(company)


@asynccontextmanager
async def socket(server: Server, **options: Any) -> AsyncIterator[ClientConnection]:
    address = server.url.replace("http", "ws", 1) + "/ws/v1/events"
    async with websockets.connect(address, compression=None, **options) as connection:
        yield connection


async def say(client: ClientConnection, **message: Any) -> None:
    await client.send(json.dumps(message))


async def hear(client: ClientConnection) -> dict[str, Any]:
    """The next message that isn't a ping: those come by the clock."""
    message: dict[str, Any] = {"type": "ping"}
    while message["type"] == "ping":
        message = json.loads(await asyncio.wait_for(client.recv(), SECONDS))
    return message


async def hear_sequences(client: ClientConnection, count: int) -> list[int]:
    return [(await hear(client))["event"]["sequence"] for _ in range(count)]


async def close_code(client: ClientConnection) -> int:
    with pytest.raises(websockets.ConnectionClosed) as closed:
        await asyncio.wait_for(client.recv(), SECONDS)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


async def deliver(server: Server, connected: Connected, *events: dict[str, Any]) -> None:
    async with aiohttp.ClientSession(server.url) as session:
        for event in events:
            async with session.post(connected.hook, json=event) as response:
                assert response.status == 200


async def test_everything_goes_live_from_ready_on(web_server: Server) -> None:
    connected = await connect_in_thread()
    async with socket(web_server) as client:
        await say(client, type="authenticate", token=connected.company.api_key)
        assert await hear(client) == {"type": "ready", "sequence": 0}
        await deliver(web_server, connected, kwebbl_event("ringing"))
        first, second = await hear(client), await hear(client)
    assert (first["type"], first["event"]["type"], first["event"]["sequence"]) == ("event", "call.originated", 1)
    assert (second["event"]["type"], second["event"]["data"]["call"]["state"]) == ("call.delivered", "alerting")


async def test_subscribe_after_replays_and_goes_on_without_gap_or_duplicate(web_server: Server) -> None:
    connected = await connect_in_thread()
    calls = [kwebbl_event("ringing", f"call-{number}") for number in range(20)]
    await deliver(web_server, connected, *calls[:10])
    async with socket(web_server) as client:
        await say(client, type="authenticate", token=connected.company.api_key)
        await say(client, type="subscribe", after=5)
        await deliver(web_server, connected, *calls[10:])
        ready = await hear(client)
        assert ready["type"] == "ready"
        assert await hear_sequences(client, 35) == list(range(6, 41))


async def test_reconnecting_resumes_where_the_client_left_off(web_server: Server) -> None:
    connected = await connect_in_thread()
    async with socket(web_server) as client:
        await say(client, type="authenticate", token=connected.company.api_key)
        await hear(client)
        await deliver(web_server, connected, kwebbl_event("ringing"))
        last = (await hear_sequences(client, 2))[-1]
    await deliver(web_server, connected, kwebbl_event("answered", number=1), kwebbl_event("terminated", number=2))
    async with socket(web_server) as client:
        await say(client, type="authenticate", token=connected.company.api_key)
        await say(client, type="subscribe", after=last)
        assert await hear(client) == {"type": "ready", "sequence": 4}
        assert await hear_sequences(client, 2) == [3, 4]


async def test_filters_let_through_what_was_asked_for(web_server: Server) -> None:
    connected = await connect_in_thread()
    bob = public_id("ext", (await sync_to_async(connected.extension)(BOB)).id)
    async with socket(web_server) as by_type, socket(web_server) as by_extension:
        for client, wanted in ((by_type, {"types": ["call.established"]}), (by_extension, {"extensions": [bob]})):
            await say(client, type="authenticate", token=connected.company.api_key)
            await say(client, type="subscribe", **wanted)
            await hear(client)
        await deliver(
            web_server,
            connected,
            kwebbl_event("ringing", "for-anna"),
            kwebbl_event("answered", "for-anna", number=1),
            kwebbl_event("ringing", "for-bob", to={"extension_id": BOB}),
        )
        assert (await hear(by_type))["event"]["type"] == "call.established"
        assert [(await hear(by_extension))["event"]["data"]["call"]["to"]["name"] for _ in range(2)] == ["Bob", "Bob"]


async def test_no_tenant_hears_another(web_server: Server) -> None:
    mine, theirs = await connect_in_thread(), await connect_in_thread()
    async with socket(web_server) as client:
        await say(client, type="authenticate", token=mine.company.api_key)
        await say(client, type="subscribe", accounts=[theirs.account_id, mine.account_id])
        await hear(client)
        await deliver(web_server, theirs, kwebbl_event("ringing", "secret"))
        await deliver(web_server, mine, kwebbl_event("ringing", "own"))
        heard = [(await hear(client))["event"] for _ in range(2)]
    assert {event["tenant_id"] for event in heard} == {mine.company.tenant.public_id}


async def test_commands_reach_no_foreign_call(web_server: Server) -> None:
    mine, theirs = await connect_in_thread(), await connect_in_thread()
    await deliver(web_server, theirs, kwebbl_event("ringing", "secret"))
    foreign = (await sync_to_async(theirs.events)())[0]["data"]["call"]["id"]
    async with socket(web_server) as client:
        await say(client, type="authenticate", token=mine.company.api_key)
        await hear(client)
        await say(client, type="command", id="c1", call_id=foreign, action="hangup", params={})
        answer = await hear(client)
    assert (answer["type"], answer["id"], answer["status"], answer["body"]["code"]) == (
        "result",
        "c1",
        404,
        "not_found",
    )


@pytest.mark.parametrize("token", ["pb_000000000000_nonsense", "nonsense", ""])
async def test_unknown_key_is_closed_as_unauthenticated(web_server: Server, token: str) -> None:
    async with socket(web_server) as client:
        await say(client, type="authenticate", token=token)
        assert await close_code(client) == 4401


async def test_subscribing_before_authenticating_is_refused(web_server: Server) -> None:
    async with socket(web_server) as client:
        await say(client, type="subscribe")
        assert await close_code(client) == 4401


async def test_key_without_the_scope_hears_nothing(web_server: Server) -> None:
    connected = await connect_in_thread()
    key = await sync_to_async(connected.company.key)(Scope.CALLS_READ)
    async with socket(web_server) as client:
        await say(client, type="authenticate", token=key)
        await say(client, type="subscribe")
        assert await close_code(client) == 4403


@pytest.mark.parametrize("text", ["{", "[]", '{"type": "dance"}', '{"type": "subscribe", "after": "x"}', "\u0000"])
async def test_what_is_not_the_protocol_closes_with_the_reason(web_server: Server, text: str) -> None:
    async with socket(web_server) as client:
        await client.send(text)
        assert await close_code(client) == 4400


async def test_browser_session_needs_no_token(web_server: Server) -> None:
    connected = await connect_in_thread()
    cookie = await sync_to_async(_session_cookie)(connected.company)
    headers = {"Cookie": cookie}
    async with socket(web_server, additional_headers=headers, origin=web_server.url) as client:
        assert await hear(client) == {"type": "ready", "sequence": 0}
    async with socket(web_server, additional_headers=headers, origin="http://evil.example") as client:
        await say(client, type="subscribe")
        assert await close_code(client) == 4401


async def test_agent_hears_only_the_calls_of_own_lines(web_server: Server) -> None:
    connected = await connect_in_thread()
    cookie = await sync_to_async(_agent_cookie)(connected)
    async with socket(web_server, additional_headers={"Cookie": cookie}, origin=web_server.url) as client:
        await hear(client)
        await deliver(
            web_server,
            connected,
            kwebbl_event("ringing", "for-bob", to={"extension_id": BOB}),
            kwebbl_event("ringing", "for-anna"),
        )
        assert (await hear(client))["event"]["data"]["call"]["to"]["name"] == "Anna"


def _session_cookie(company: Company) -> str:
    browser = company.browser()
    return f"sessionid={browser.cookies['sessionid'].value}"


def _agent_cookie(connected: Connected) -> str:
    from tenants.rls import tenant_scope  # beside its only use

    member = connected.company.member(Role.AGENT)
    with tenant_scope(connected.tenant_id):
        extension = connected.extension(ANNA)
        extension.member = member
        extension.save()
    return f"sessionid={connected.company.browser(member.user).cookies['sessionid'].value}"
