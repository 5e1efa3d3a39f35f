"""How an adapter's `stream()` connects: server-sent events and websockets, with failures as errors of the contract.

async with open_events(self.http, url, headers=…, refused=self._error) as events:
    yield Connected(gap=True)
    async for item in events:
        yield Received(item.data.encode()) if isinstance(item, SseEvent) else Alive()
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from common import sse, websockets
from common.http import HttpClient, HttpResponse, OutboundError, StreamRefused
from common.sse import EventSource, SseComment, SseEvent
from common.websockets import Ping, WebSocket
from integrations.contract.errors import VendorError, VendorUnavailable
from integrations.contract.transport import first_words, retry_after

__all__ = ["EventSource", "Ping", "SseComment", "SseEvent", "WebSocket", "open_events", "open_websocket"]
Refused = Callable[[HttpResponse], VendorError]
"""What an adapter makes of an answer that isn't a stream: an expired token, a missing permission."""


def no_stream(response: HttpResponse) -> VendorError:
    """What any answer that isn't a stream means, for vendors that say no more about it."""
    return VendorUnavailable(
        f"The PBX answers with no stream of events ({response.status}): {first_words(response)}",
        retry_after=retry_after(response),
    )


@asynccontextmanager
async def open_events(
    http: HttpClient,
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    json: Any = None,
    refused: Refused = no_stream,
) -> AsyncIterator[EventSource]:
    """A connected stream of server-sent events. Raises VendorUnavailable, in the block too, and what `refused` answers."""
    with _as_vendor_errors(refused):
        async with sse.open_events(http, url, method=method, headers=headers, params=params, json=json) as events:
            yield events


@asynccontextmanager
async def open_websocket(
    http: HttpClient,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    protocols: Sequence[str] = (),
    ping_every: float | None = None,
    refused: Refused = no_stream,
) -> AsyncIterator[WebSocket]:
    """A connected websocket. Raises VendorUnavailable, in the block too, and what `refused` answers."""
    with _as_vendor_errors(refused):
        async with websockets.open_websocket(
            http, url, headers=headers, protocols=protocols, ping_every=ping_every
        ) as socket:
            yield socket


@contextmanager
def _as_vendor_errors(refused: Refused) -> Iterator[None]:
    try:
        yield
    except StreamRefused as error:
        raise refused(error.response) from error
    except OutboundError as error:
        raise VendorUnavailable(str(error)) from error
