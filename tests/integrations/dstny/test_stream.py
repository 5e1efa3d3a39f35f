"""Users' calls by server-sent events: what the account's one stream yields."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, cast

import pytest
from aiohttp import web

from integrations.contract.adapter import WebhookRequest
from integrations.contract.commands import Destination, Originate
from integrations.contract.errors import AuthorizationLost, MalformedPayload, VendorRejected, VendorUnavailable
from integrations.contract.events import CtiEvent, Notice
from integrations.contract.streams import Alive, Connected, Received, StreamItem
from integrations.vendors.dstny import stream
from integrations.vendors.dstny.adapter import DstnyAdapter
from tests.integrations.dstny.live import COMPANY, DOMAIN, call_of, dstny_at, dstny_of, ring_in
from tests.integrations.dstny.payloads import state
from tests.integrations.http_server import serving, vendor
from tests.sandbox_server import SandboxHandle

SSE: dict[str, Any] = {"transport": "sse"}
PATIENCE_S = 10


class Followed:
    """What a stream yielded so far; `until` reads on until something is among it."""

    def __init__(self, items: AsyncIterator[StreamItem]) -> None:
        self._items = items
        self.all: list[StreamItem] = []

    async def next(self) -> StreamItem:
        async with asyncio.timeout(PATIENCE_S):
            self.all.append(await anext(self._items))
        return self.all[-1]

    async def until(self, satisfied: Callable[["Followed"], Any]) -> None:
        while not satisfied(self):
            await self.next()

    @property
    def parsed(self) -> list[Any]:
        found: list[Any] = []
        for item in self.all:
            if isinstance(item, Received):
                found += DstnyAdapter.parse(WebhookRequest(item.headers, item.body))  # type: ignore[arg-type]
        return found

    def states(self, user: str) -> list[str]:
        """How the user's own legs stood, one after the other."""
        events = [each for each in self.parsed if isinstance(each, CtiEvent) and each.legs]
        return [each.legs[0].state.value for each in events if each.legs[0].party.extension_id == user]


@asynccontextmanager
async def following(adapter: DstnyAdapter) -> AsyncIterator[Followed]:
    async with aclosing(cast("AsyncGenerator[StreamItem]", adapter.stream())) as items:
        yield Followed(items)


async def test_connects_first_and_tells_who_is_watched(sandbox: SandboxHandle) -> None:
    async with dstny_of(sandbox, **SSE) as adapter, following(adapter) as stream:
        assert await stream.next() == Connected(gap=True, detail="3 users are watched.")


async def test_transport_decides_between_stream_and_webhooks(sandbox: SandboxHandle) -> None:
    async with dstny_of(sandbox, **SSE) as adapter:
        assert (adapter.wants_stream(), adapter.wants_subscription()) == (True, False)
    async with dstny_of(sandbox) as adapter:
        assert (adapter.wants_stream(), adapter.wants_subscription()) == (False, True)


@pytest.mark.parametrize("dialect", [{}, {"lists": "string", "ended_calls": "vanish", "outbound_ringing": "INITIATED"}])
async def test_a_call_from_ringing_to_its_end(sandbox: SandboxHandle, dialect: dict[str, str]) -> None:
    sandbox.set("dialect", COMPANY, **dialect)
    async with dstny_of(sandbox, **SSE) as adapter, following(adapter) as stream:
        await stream.next()
        ring_in(sandbox)
        await stream.until(lambda seen: seen.states("wout") == ["alerting"])
        for act, state_then in ((adapter.answer, "connected"), (adapter.hold, "hold"), (adapter.resume, "connected")):
            call = await call_of(adapter, "wout")
            await (act(call, None) if act == adapter.answer else act(call))  # type: ignore[call-arg]
            await stream.until(lambda seen, wanted=state_then: seen.states("wout")[-1] == wanted)  # type: ignore[misc]
        await adapter.hangup(await call_of(adapter, "wout"))
        await stream.until(lambda seen: seen.states("wout")[-1] == "null")
        assert stream.states("wout") == ["alerting", "connected", "hold", "connected", "null"]
        assert len({event.identity for event in stream.parsed if isinstance(event, CtiEvent)}) == 5


async def test_a_blind_transfer_is_shown_before_its_first_call_ends(sandbox: SandboxHandle) -> None:
    async with dstny_of(sandbox, **SSE) as adapter, following(adapter) as stream:
        await stream.next()
        ring_in(sandbox)
        await adapter.answer(await call_of(adapter, "wout"), None)
        await adapter.transfer(await call_of(adapter, "wout"), Destination("xander"), "blind")
        await stream.until(lambda seen: seen.states("wout")[-1:] == ["null"])
        assert stream.states("xander") == ["alerting"]
        [transferred] = [each for each in stream.parsed if getattr(each, "transfer", None)]
        assert transferred.transfer.after_to.extension_id == "xander"


async def test_calls_that_are_there_already_are_told(sandbox: SandboxHandle) -> None:
    ring_in(sandbox, "400")
    async with dstny_of(sandbox, **SSE) as adapter, following(adapter) as stream:
        await stream.until(lambda seen: seen.states("vera") and seen.states("wout"))
        assert (stream.states("vera"), stream.states("wout")) == (["alerting"], ["alerting"])


async def test_both_sides_of_an_internal_call_tell_of_it(sandbox: SandboxHandle) -> None:
    async with dstny_of(sandbox, **SSE) as adapter, following(adapter) as stream:
        await stream.next()
        await adapter.originate(Originate(Destination("wout"), Destination("xander")))
        await stream.until(lambda seen: seen.states("wout") and seen.states("xander"))
        peers = {event.peers for event in stream.parsed if isinstance(event, CtiEvent)}
        assert len(peers) == 1  # one conversation


async def test_queue_statistics_are_fetched_when_they_change(sandbox: SandboxHandle) -> None:
    async with dstny_of(sandbox, **SSE) as adapter, following(adapter) as stream:

        def logged_in(seen: Followed) -> list[int]:
            notices = [each for each in seen.parsed if isinstance(each, Notice)]
            service = [each for each in notices if each.vendor_queue_id == f"401@{DOMAIN}"]
            return [each.data["stats"]["agents_logged_in"] for each in service]

        await stream.until(lambda seen: logged_in(seen) == [2])
        await adapter._client.call("group_logout", "xander", group="401", group_domain=DOMAIN)
        await stream.until(lambda seen: 1 in logged_in(seen))
        assert set(logged_in(stream)) == {2, 1}


async def test_comments_are_signs_of_life(sandbox: SandboxHandle) -> None:
    sandbox.set("connection", COMPANY, heartbeat_s=0.05)
    async with dstny_of(sandbox, users=["xander"], **SSE) as adapter, following(adapter) as stream:
        await stream.until(lambda seen: Alive() in seen.all)
        assert stream.states("xander") == []


async def test_the_end_of_a_users_stream_ends_the_accounts(sandbox: SandboxHandle) -> None:
    async with dstny_of(sandbox, **SSE) as adapter, following(adapter) as stream:
        await stream.next()
        sandbox.control("POST", f"/companies/{COMPANY}/subscriptions/drop")
        with pytest.raises(VendorUnavailable, match="ended the stream"):
            await stream.until(lambda _: False)


async def test_a_user_who_is_refused_is_named_and_left_out(sandbox: SandboxHandle) -> None:
    async with dstny_of(sandbox, users=["wout", "nobody"], **SSE) as adapter, following(adapter) as stream:
        connected = await stream.next()
        assert isinstance(connected, Connected)
        assert connected.detail.startswith("1 users are watched. Not nobody: Dstny refused: There is no user")
        ring_in(sandbox)
        await stream.until(lambda seen: seen.states("wout") == ["alerting"])


async def test_nobody_can_be_watched(sandbox: SandboxHandle) -> None:
    async with dstny_of(sandbox, users=["nobody"], **SSE) as adapter, following(adapter) as stream:
        with pytest.raises(VendorRejected, match="There is no user"):
            await stream.next()


async def test_an_invalid_ticket_ends_the_stream_for_good(sandbox: SandboxHandle) -> None:
    credentials = {"domain": DOMAIN, "user": "wout", "ticket": "1234.gone"}
    async with dstny_of(sandbox, credentials, users=["wout"], **SSE) as adapter, following(adapter) as stream:
        with pytest.raises(AuthorizationLost):
            await stream.next()


# Servers that say what the sandbox never does.


Script = Callable[[web.StreamResponse], Any]


@asynccontextmanager
async def server(script: Script, calls: list[dict[str, Any]], on_call: Script | None = None) -> AsyncIterator[str]:
    """Anna's state is `calls`; her dialogs, and the streams of her calls, are written by scripts."""

    async def events(request: web.Request, write: Script) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await write(response)
        return response

    async def dialogs(request: web.Request) -> web.StreamResponse:
        return await events(request, script)

    async def call(request: web.Request) -> web.StreamResponse:
        if on_call is None:
            raise web.HTTPNotFound
        return await events(request, on_call)

    async def show(_: web.Request) -> web.Response:
        return web.json_response({"fullState": True, "calls": calls})

    app = web.Application()
    anna = f"/cti/state/{DOMAIN}/anna"
    app.router.add_get(anna, show)
    app.router.add_get(f"{anna}/events", dialogs)
    app.router.add_get(f"{anna}/calls/a1/events", call)
    async with serving(app) as url:
        yield url


async def forever(_: web.StreamResponse) -> None:
    await asyncio.Event().wait()


@asynccontextmanager
async def anna_at(url: str) -> AsyncIterator[Followed]:
    async with (
        dstny_at(url.rstrip("/"), settings={"users": ["anna"], **SSE}) as adapter,
        following(adapter) as followed,
    ):
        yield followed


async def test_dialogs_are_never_parsed() -> None:
    bomb = b'data: <!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\ndata: <dialog-info>&b;</dialog-info>\n\n'
    calls = [state("a1", "RINGING", 1)]

    async def script(response: web.StreamResponse) -> None:
        await response.write(bomb)
        await forever(response)

    async with server(script, calls) as url, anna_at(url) as followed:
        await followed.until(lambda seen: seen.states("anna") == ["alerting"])
        assert b"DOCTYPE" not in b"".join(each.body for each in followed.all if isinstance(each, Received))


async def test_a_token_alone_has_the_state_fetched_and_garbage_is_kept_visible() -> None:
    calls = [state("a1", "RINGING", 1)]

    async def on_call(response: web.StreamResponse) -> None:
        await response.write(b"data: half a fra\n\n")
        await response.write(b'data: {"callId": "a1", "stateToken": "2", "status": "ACTIVE", "inbound": true}\n\n')
        await forever(response)

    async with server(forever, calls, on_call) as url, anna_at(url) as followed:
        await followed.until(lambda seen: len([each for each in seen.all if isinstance(each, Received)]) == 3)
        garbage = cast("Received", followed.all[2])
        with pytest.raises(MalformedPayload):
            DstnyAdapter.parse(WebhookRequest({}, garbage.body))
        assert b"half a fra" in garbage.body
        del followed.all[2]
        assert followed.states("anna") == ["alerting", "connected"]


@pytest.mark.parametrize("ending", [b"", b"data: cut off in the mid"])
async def test_a_stream_that_breaks_off_is_an_error(ending: bytes) -> None:
    async def script(response: web.StreamResponse) -> None:
        await response.write(ending)

    async with server(script, []) as url, anna_at(url) as followed:
        with pytest.raises(VendorUnavailable):
            await followed.until(lambda _: False)


async def test_silence_is_death(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SILENCE_S", 0.05)
    async with server(forever, []) as url, anna_at(url) as followed:
        with pytest.raises(VendorUnavailable, match="said nothing"):
            await followed.until(lambda _: False)


async def test_a_call_stream_that_ends_at_once_is_not_opened_again_and_again() -> None:
    opened = 0

    async def on_call(_: web.StreamResponse) -> None:
        nonlocal opened
        opened += 1

    async def script(response: web.StreamResponse) -> None:
        for _ in range(5):
            await response.write(b"data: <dialog-info/>\n\n")
            await asyncio.sleep(0.01)
        await response.write(b": done\n\n")
        await forever(response)

    async with server(script, [state("a1", "RINGING", 1)], on_call) as url, anna_at(url) as followed:
        await followed.until(lambda seen: Alive() in seen.all)
    assert opened == 1


async def test_an_html_page_instead_of_a_stream_is_told() -> None:
    def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>Under maintenance</html>", content_type="text/html")

    async with vendor(page) as url, anna_at(url) as followed:
        with pytest.raises(VendorRejected, match="Under maintenance"):
            await followed.next()
