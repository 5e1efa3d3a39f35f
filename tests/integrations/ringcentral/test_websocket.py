"""The websocket: subscribing, notifications, heartbeats, recovery without a gap, and what isn't a websocket's."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from integrations.contract.errors import VendorError, VendorRejected, VendorUnavailable
from integrations.contract.streams import Alive, Connected, Received, StreamItem
from integrations.vendors.ringcentral import websocket
from integrations.vendors.ringcentral.adapter import RingCentralAdapter
from tests.integrations.http_server import serving
from tests.integrations.kwebbl_live import ListedTokens
from tests.integrations.ringcentral.live import ringcentral_at, scene_of, until
from tests.sandbox.ringcentral.client import COMPANY
from tests.sandbox_server import SandboxHandle

Frame = list[dict[str, Any]]
Speak = Callable[["Line"], Awaitable[None]]


class Line:
    """One websocket from the vendor's side; `query` is what it was opened with."""

    def __init__(self, socket: web.WebSocketResponse, query: dict[str, str]) -> None:
        self.socket = socket
        self.query = query

    async def send(self, kind: str, body: Any = None, **header: Any) -> None:
        frame = [{"type": kind, "messageId": "m", "status": 200, **header}, *([] if body is None else [body])]
        await self.socket.send_str(json.dumps(frame))

    async def hear(self, kind: str) -> Frame:
        """The next frame of that type from the client."""
        while True:
            message = await self.socket.receive(timeout=10)
            assert message.type is WSMsgType.TEXT
            frame: Frame = json.loads(message.data)
            if frame[0]["type"] == kind:
                return frame

    async def greet(self, token: str = "wsc-1", **details: str) -> None:
        await self.send("ConnectionDetails", {"recoveryTimeout": 180, **details}, wsc={"token": token, "sequence": 1})

    async def subscribe(self, status: int = 200, body: Any = None) -> list[str]:
        """Answers the client's request; what it asked for."""
        header, asked = await self.hear("ClientRequest")
        assert (header["method"], header["path"]) == ("POST", "/restapi/v1.0/subscription")
        assert asked["deliveryMode"] == {"transportType": "WebSocket"}
        await self.send("ClientRequest", body or {"id": "sub-1"}, messageId=header["messageId"], status=status)
        filters: list[str] = asked["eventFilters"]
        return filters


@asynccontextmanager
async def vendor(*speeches: Speak) -> AsyncIterator[str]:
    """A RingCentral whose connections say this, one after the other; its address."""
    opened = iter(speeches)

    async def token(request: web.Request) -> web.Response:
        uri = f"ws://{request.host}/ws"
        return web.json_response({"uri": uri, "ws_access_token": "once", "expires_in": 30})

    async def connect(request: web.Request) -> web.StreamResponse:
        speak = next(opened, None)
        if speak is None:
            return web.Response(status=503, text="no more")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await speak(Line(socket, dict(request.query)))
        await socket.close()
        return socket

    app = web.Application()
    app.router.add_post("/restapi/oauth/wstoken", token)
    app.router.add_get("/ws", connect)
    async with serving(app) as url:
        yield url


async def heard(*speeches: Speak) -> tuple[list[StreamItem], VendorError]:
    """All that the stream yields until it fails, and how it does."""
    items: list[StreamItem] = []

    async def follow(adapter: RingCentralAdapter) -> None:
        async with asyncio.timeout(10):
            async for item in adapter.stream():
                items.append(item)  # noqa: PERF401 - what came before the failure is wanted

    async with vendor(*speeches) as url, ringcentral_at(url, ListedTokens("t"), transport="websocket") as adapter:
        with pytest.raises(VendorError) as raised:
            await follow(adapter)
    return items, raised.value


async def subscribed(line: Line) -> None:
    await line.greet()
    await line.subscribe()


async def test_subscribes_and_tells() -> None:
    asked: list[str] = []

    async def speak(line: Line) -> None:
        assert line.query == {"access_token": "once"}
        await line.greet()
        asked.extend(await line.subscribe())
        await line.send("ServerNotification", {"uuid": "u1", "body": {"a": 1}})
        await line.send("Heartbeat")

    items, error = await heard(speak)
    assert asked == [
        "/restapi/v1.0/account/~/telephony/sessions",
        "/restapi/v1.0/account/~/presence",
        "/restapi/v1.0/account/~/extension/~/voicemail",
        "/restapi/v1.0/account/~/extension/~/message-store/instant?type=SMS",
    ]
    assert items == [
        Connected(gap=True, detail="Subscribed to 4 kinds of events."),
        Received(b'{"uuid": "u1", "body": {"a": 1}}'),
        Alive(),
    ]
    assert isinstance(error, VendorUnavailable)  # the connection ended, and there was no other


async def test_recovered_without_a_gap() -> None:
    async def first(line: Line) -> None:
        await subscribed(line)
        await line.send("ServerNotification", {"uuid": "u1"}, wsc={"token": "wsc-2", "sequence": 3})
        await line.send("Error", {"errorCode": "WSG-903", "message": "Absolute timeout expired"}, status=403)

    async def second(line: Line) -> None:
        assert line.query == {"access_token": "once", "wsc": "wsc-2"}
        await line.greet("wsc-3", recoveryState="Successful")
        await line.send("ServerNotification", {"uuid": "u2"})

    items, _ = await heard(first, second)
    assert [item for item in items if not isinstance(item, Alive)] == [
        Connected(gap=True, detail="Subscribed to 4 kinds of events."),
        Received(b'{"uuid": "u1"}'),
        Connected(gap=False, detail="Recovered: RingCentral sends what was missed."),
        Received(b'{"uuid": "u2"}'),
    ]


async def test_what_cannot_be_recovered_is_subscribed_anew() -> None:
    async def second(line: Line) -> None:
        await line.greet("wsc-2", recoveryState="Failed")
        await line.subscribe()

    items, _ = await heard(subscribed, second)
    assert [item.gap for item in items if isinstance(item, Connected)] == [True, True]


@pytest.mark.parametrize("refusal", ["refused", "disabled"])
async def test_user_who_may_see_their_own_extension_alone(refusal: str) -> None:
    asked: list[list[str]] = []
    disabled = {"id": "sub-1", "disabledFilters": [{"filter": "/restapi/v1.0/account/1/telephony/sessions"}]}
    denied = {"errorCode": "CMN-408", "message": "permission required"}

    async def speak(line: Line) -> None:
        await line.greet()
        status, body = (403, denied) if refusal == "refused" else (200, disabled)
        asked.append(await line.subscribe(status, body))
        asked.append(await line.subscribe())

    items, _ = await heard(speak)
    assert asked[1][:2] == [
        "/restapi/v1.0/account/~/extension/~/telephony/sessions",
        "/restapi/v1.0/account/~/extension/~/presence",
    ]
    assert len([item for item in items if isinstance(item, Connected)]) == 1


async def test_refused_subscription() -> None:
    async def speak(line: Line) -> None:
        await line.greet()
        for _ in range(2):
            await line.subscribe(400, {"errorCode": "SUB-508", "message": "Invalid event filters"})

    items, error = await heard(speak)
    assert items == []
    assert isinstance(error, VendorRejected)
    assert error.code == "SUB-508"


@pytest.mark.parametrize("text", ["", "{}", "[]", "7", "[7, {}]", '[{"type": 7}]', "<html>", '[{"type":"Conn'])
async def test_what_is_no_frame(text: str) -> None:
    async def speak(line: Line) -> None:
        await line.socket.send_str(text)

    items, error = await heard(speak)
    assert items == []
    assert isinstance(error, VendorUnavailable)


async def test_unknown_frames_are_signs_of_life() -> None:
    async def speak(line: Line) -> None:
        await subscribed(line)
        await line.send("SomethingNew", {"a": 1})
        await line.send("ClientRequest", {"id": "x"}, messageId="not ours")

    items, _ = await heard(speak)
    assert items[1:] == [Alive(), Alive()]


async def test_error_before_anything_is_subscribed() -> None:
    async def speak(line: Line) -> None:
        await line.send("Error", {"errorCode": "WSG-901", "message": "Session limit"}, status=403)

    _, error = await heard(speak)
    assert "Session limit" in str(error)


async def test_refused_token_of_the_websocket_is_no_lost_authorization() -> None:
    _, error = await heard()
    assert isinstance(error, VendorUnavailable)
    assert "503" in str(error)


async def test_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "HEARTBEAT_S", 0.01)

    async def speak(line: Line) -> None:
        await subscribed(line)
        for _ in range(3):
            [header] = await line.hear("Heartbeat")
            await line.send("Heartbeat", messageId=header["messageId"])

    items, _ = await heard(speak)
    assert items[1:] == [Alive(), Alive(), Alive()]


async def test_against_the_sandbox(sandbox: SandboxHandle) -> None:
    """A call goes on while the connection is lost: everything comes, in order, once."""
    async with scene_of(sandbox, transport="websocket") as scene:
        received: list[Received] = []
        connected: list[Connected] = []

        async def follow() -> None:
            async for item in scene.adapter.stream():
                if isinstance(item, Received):
                    received.append(item)
                elif isinstance(item, Connected):
                    connected.append(item)

        following = asyncio.create_task(follow())
        await until(lambda: connected)
        call = await scene.talking()
        sandbox.control("POST", f"/companies/{COMPANY}/vendor/drop-websockets")
        await scene.adapter.hold(call)
        await scene.adapter.resume(scene.look(call))
        await scene.adapter.hangup(call)
        await until(lambda: len(connected) == 2 and any(b'"CallFinished"' in item.body for item in received[-2:]))
        following.cancel()
    assert [item.gap for item in connected] == [True, False]
    bodies = [json.loads(item.body)["body"] for item in received]
    sequences = [body["sequence"] for body in bodies if "parties" in body]
    assert sequences == list(range(1, len(sequences) + 1))
