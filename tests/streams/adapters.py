"""Vendors that exist for these tests alone, one for each transport; their events are Kwebbl's."""

from collections.abc import AsyncIterator

import msgspec

from common.http import HttpResponse
from integrations.contract.adapter import PbxAdapter
from integrations.contract.capabilities import Capability
from integrations.contract.commands import LiveCall, Snapshot
from integrations.contract.connections import SseEvent, no_stream, open_events, open_websocket
from integrations.contract.errors import AuthorizationLost, Unsupported, VendorError
from integrations.contract.polling import LONGEST_QUIET_S, Pace
from integrations.contract.streams import Alive, Connected, Received, StreamItem
from integrations.contract.transport import raise_if_unavailable, send
from integrations.vendors.kwebbl.adapter import KwebblAdapter


def _refused(response: HttpResponse) -> VendorError:
    if response.status == 401:
        return AuthorizationLost("The PBX no longer knows the password.")
    return no_stream(response)


class _Streamer(PbxAdapter):
    auth = "password"
    event_transport = "sse"
    stream_silence = 2.0
    default_base_url = ""
    credentials_schema = {"type": "object"}
    settings_schema = {"type": "object"}
    declared = frozenset({Capability.CALL_EVENTS, Capability.SNAPSHOT})
    parse = KwebblAdapter.parse

    def wants_stream(self) -> bool:
        return bool(self.account.settings.get("stream", True))

    async def snapshot(self) -> Snapshot:
        response = await self.http.request("GET", f"{self.account.base_url}/calls")
        return Snapshot(msgspec.json.decode(response.body, type=tuple[LiveCall, ...]))


class SseStreamer(_Streamer):
    key = "ssestreamer"
    label = "SSE streamer"
    stream_transport = "sse"

    async def stream(self) -> AsyncIterator[StreamItem]:
        async with open_events(self.http, f"{self.account.base_url}/events", refused=_refused) as events:
            yield Connected(gap=True)
            async for item in events:
                yield Received(item.data.encode()) if isinstance(item, SseEvent) else Alive()


class ListlessStreamer(SseStreamer):
    """Can't list its calls."""

    key = "listlessstreamer"
    label = "Listless streamer"
    declared = frozenset({Capability.CALL_EVENTS})

    async def snapshot(self) -> Snapshot:
        raise Unsupported(f"{self.label} can't list its calls")


class SocketStreamer(_Streamer):
    key = "socketstreamer"
    label = "Websocket streamer"
    stream_transport = "websocket"

    async def stream(self) -> AsyncIterator[StreamItem]:
        url = f"{self.account.base_url}/socket".replace("http", "ws", 1)
        async with open_websocket(self.http, url, refused=_refused) as socket:
            yield Connected(gap=True)
            async for message in socket:
                match message:
                    case str():
                        yield Received(message.encode())
                    case bytes():
                        yield Received(message)
                    case _:
                        yield Alive()


class PollStreamer(_Streamer):
    key = "pollstreamer"
    label = "Polled"
    stream_transport = "poll"

    def pace(self) -> Pace:
        return Pace(0.1)

    async def stream(self) -> AsyncIterator[StreamItem]:
        is_first = True
        async for _ in self.pace():
            response = await send(self.http, "GET", f"{self.account.base_url}/poll")
            raise_if_unavailable(response, self.label)
            yield Connected(gap=True) if is_first else Alive()
            is_first = False
            for event in msgspec.json.decode(response.body, type=list[str]):
                yield Received(event.encode())


class HookedPollStreamer(PollStreamer):
    """Calls a hook, too; as long as it doesn't, it is hardly ever asked."""

    key = "hookedpollstreamer"
    label = "Polled, with a hook"
    stream_silence = 60.0

    def wants_subscription(self) -> bool:
        return True

    def pace(self) -> Pace:
        return Pace(0.1, quiet_times=LONGEST_QUIET_S / 0.1, news=self.news)


class BrokenStreamer(_Streamer):
    key = "brokenstreamer"
    label = "Broken streamer"
    stream_transport = "sse"

    async def stream(self) -> AsyncIterator[StreamItem]:
        yield Connected(gap=True)
        raise KeyError(self.account.settings["what it forgot to look for"])


_ALL = (SseStreamer, ListlessStreamer, SocketStreamer, PollStreamer, HookedPollStreamer, BrokenStreamer)
VENDORS = {adapter.key: f"{__name__}:{adapter.__name__}" for adapter in _ALL}
