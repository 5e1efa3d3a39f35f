"""RingCentral's websocket ("WebSockets" in the guide): frames `[header, body]`, one subscription a connection, recovery.

A connection that is lost, or that RingCentral ends after a day ("absolute timeout"), is come back to with its `wsc` token:
within three minutes RingCentral sends what was missed, and the subscription lives on. If not, it is made anew and says so.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import uuid4

import msgspec
from msgspec import Raw, Struct

from common.http import HttpClient, HttpResponse, OutboundError
from integrations.contract.connections import Ping, WebSocket, open_websocket
from integrations.contract.errors import VendorUnavailable
from integrations.contract.streams import Alive, Connected, Received, StreamItem
from integrations.vendors.ringcentral.client import RingCentralClient
from integrations.vendors.ringcentral.errors import error_of
from integrations.vendors.ringcentral.replies import SubscriptionReply, WsToken
from integrations.vendors.ringcentral.scopes import of_own_extension

T = TypeVar("T")
HEARTBEAT_S = 20.0
_RECOVERED = "Successful"
_OK, _ERRORS = 200, 300


class Wsc(Struct):
    """Names the connection, for coming back to it."""

    token: str | None = None


class Header(Struct, rename="camel"):
    """The first element of a frame."""

    type: str = ""
    message_id: str | None = None
    status: int = 200
    wsc: Wsc | None = None


class Details(Struct, rename="camel"):
    """The body of ConnectionDetails."""

    recovery_state: str | None = None


class Frame(Struct):
    """A frame, with its body unread."""

    header: Header
    body: bytes


class Subscriber:
    """One stream: a connection, and those that it is recovered by."""

    def __init__(self, client: RingCentralClient, http: HttpClient, filters: Sequence[str]) -> None:
        self._client = client
        self._http = http
        self._filters = tuple(filters)
        self._wsc: str | None = None
        self._asked: str | None = None
        self._stands = False

    async def items(self) -> AsyncGenerator[StreamItem]:
        """What comes, over recoveries. Raises VendorError where no connection comes to stand."""
        while True:
            self._stands = False
            try:
                async with aclosing(self._connection()) as connection:
                    async for item in connection:
                        yield item
            except VendorUnavailable:
                if not self._stands:
                    raise
            if not self._stands:
                raise VendorUnavailable("RingCentral closed the websocket before anything was subscribed.")

    async def _connection(self) -> AsyncGenerator[StreamItem]:
        """One connection, until it ends."""
        token = await self._client.read("wstoken", WsToken)
        query = {"access_token": token.ws_access_token} | ({"wsc": self._wsc} if self._wsc else {})
        url = f"{token.uri}{'&' if '?' in token.uri else '?'}{urlencode(query)}"
        async with open_websocket(self._http, url) as socket:
            beating = asyncio.create_task(_beat(socket))
            try:
                async for message in socket:
                    async for item in self._taken(socket, message):
                        yield item
            finally:
                beating.cancel()

    async def _taken(self, socket: WebSocket, message: str | bytes | Ping) -> AsyncIterator[StreamItem]:
        if isinstance(message, Ping):
            yield Alive()
            return
        frame = _read_frame(message)
        if frame.header.wsc is not None and frame.header.wsc.token:
            self._wsc = frame.header.wsc.token
        match frame.header.type:
            case "ServerNotification":
                yield Received(frame.body)
            case "ConnectionDetails":
                if _read(frame.body, Details).recovery_state == _RECOVERED:
                    self._stands = True
                    yield Connected(gap=False, detail="Recovered: RingCentral sends what was missed.")
                else:
                    await self._subscribe(socket)
            case "ClientRequest" if frame.header.message_id == self._asked:
                if detail := await self._subscribed(socket, frame):
                    self._stands = True
                    yield Connected(gap=True, detail=detail)
            case "Error":  # WSG-902 and WSG-903, the timeouts: the connection's end follows
                if not self._stands:
                    raise error_of(HttpResponse(frame.header.status, {}, frame.body))
                yield Alive()
            case _:
                yield Alive()

    async def _subscribe(self, socket: WebSocket) -> None:
        self._asked = str(uuid4())
        header = {
            "type": "ClientRequest",
            "messageId": self._asked,
            "method": "POST",
            "path": "/restapi/v1.0/subscription",
        }
        body = {"eventFilters": list(self._filters), "deliveryMode": {"transportType": "WebSocket"}}
        await socket.send(msgspec.json.encode([header, body]).decode())

    async def _subscribed(self, socket: WebSocket, frame: Frame) -> str:
        """In words, once the subscription stands; empty where it has to be asked for again, for one's own extension alone."""
        own = of_own_extension(self._filters)
        refused = not _OK <= frame.header.status < _ERRORS
        disabled = not refused and _read(frame.body, SubscriptionReply).disabled_filters
        if (refused or disabled) and own != self._filters:
            self._filters = own
            await self._subscribe(socket)
            return ""
        if refused:
            raise error_of(HttpResponse(frame.header.status, {}, frame.body))
        return f"Subscribed to {len(self._filters)} kinds of events."


async def _beat(socket: WebSocket) -> None:
    """ "A heartbeat request": RingCentral answers it, so that a silent connection is known to be dead."""
    with suppress(OutboundError, ConnectionError):  # the reader learns of it too
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            await socket.send(msgspec.json.encode([{"type": "Heartbeat", "messageId": str(uuid4())}]).decode())


def _read_frame(message: str | bytes) -> Frame:
    """Raises VendorUnavailable for what is no frame: there is no telling what was lost."""
    parts = _read(message if isinstance(message, bytes) else message.encode(), list[Raw])
    if not parts:
        raise VendorUnavailable("RingCentral's websocket sent an empty frame.")
    return Frame(_read(bytes(parts[0]), Header), bytes(parts[1]) if len(parts) > 1 else b"")


def _read(data: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise VendorUnavailable(f"RingCentral's websocket sent what can't be read: {error}") from error
