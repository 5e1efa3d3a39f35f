"""Three vendors for this benchmark alone, one for each transport; their events are Kwebbl's."""

from collections.abc import AsyncIterator

from integrations.contract.adapter import PbxAdapter
from integrations.contract.capabilities import Capability
from integrations.contract.connections import SseEvent, open_events, open_websocket
from integrations.contract.polling import Pace, interval_s
from integrations.contract.streams import Alive, Connected, Received, StreamItem
from integrations.contract.transport import raise_if_unavailable, send
from integrations.vendors.kwebbl.adapter import KwebblAdapter


class _Streamer(PbxAdapter):
    auth = "password"
    event_transport = "sse"
    default_base_url = ""
    credentials_schema = {"type": "object"}
    settings_schema = {"type": "object"}
    declared = frozenset({Capability.CALL_EVENTS})
    parse = KwebblAdapter.parse

    def wants_stream(self) -> bool:
        return True


class SseStreamer(_Streamer):
    key = "ssebench"
    label = "SSE"
    stream_transport = "sse"

    async def stream(self) -> AsyncIterator[StreamItem]:
        async with open_events(self.http, f"{self.account.base_url}/sse/{self.account.id}") as events:
            yield Connected(gap=True)
            async for item in events:
                yield Received(item.data.encode()) if isinstance(item, SseEvent) else Alive()


class SocketStreamer(_Streamer):
    key = "socketbench"
    label = "Websocket"
    stream_transport = "websocket"

    async def stream(self) -> AsyncIterator[StreamItem]:
        url = f"{self.account.base_url}/websocket/{self.account.id}".replace("http", "ws", 1)
        async with open_websocket(self.http, url) as socket:
            yield Connected(gap=True)
            async for message in socket:
                yield Received(message.encode()) if isinstance(message, str) else Alive()


class Poller(_Streamer):
    key = "pollbench"
    label = "Polled"
    stream_transport = "poll"

    async def stream(self) -> AsyncIterator[StreamItem]:
        is_first = True
        async for _ in Pace(interval_s(self.account)):
            answer = await send(self.http, "GET", f"{self.account.base_url}/poll/{self.account.id}")
            raise_if_unavailable(answer, self.label)
            yield Connected(gap=True) if is_first else Alive()
            is_first = False


ADAPTERS = (SseStreamer, SocketStreamer, Poller)
KEYS = {adapter.key: f"{__name__}:{adapter.__name__}" for adapter in ADAPTERS}
