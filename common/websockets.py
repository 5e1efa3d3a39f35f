"""Websockets as a client (RFC 6455), over the guarded way out."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import WSMsgType
from msgspec import Struct

from common.http import AnswerTooLarge, HttpClient, NoAnswer

MAX_MESSAGE_BYTES = 1024 * 1024
_CUT_OFF = aiohttp.WSCloseCode.ABNORMAL_CLOSURE
_TOO_BIG = aiohttp.WSCloseCode.MESSAGE_TOO_BIG


class Ping(Struct, frozen=True):
    """A ping of the protocol's own (already answered), or the answer to ours: a sign of life."""


class WebSocket:
    """A connected websocket: iterate over what comes; the iteration ends when the server closes it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.close_code: int | None = None
        """Once the server has closed it: why, as a number."""
        self.close_reason = ""
        """And in its words."""

    async def send(self, text: str) -> None:
        await self._socket.send_str(text)

    async def __aiter__(self) -> AsyncIterator[str | bytes | Ping]:
        """Raises NoAnswer when the connection breaks or holds what isn't a websocket's, AnswerTooLarge for a message that is."""
        while True:
            message = await self._socket.receive()
            match message.type:
                case WSMsgType.TEXT | WSMsgType.BINARY:
                    yield message.data
                case WSMsgType.PING:
                    await self._socket.pong(message.data)
                    yield Ping()
                case WSMsgType.PONG:
                    yield Ping()
                case WSMsgType.ERROR:
                    raise _error(message.data)
                case _:
                    self._note_end(message)
                    return

    def _note_end(self, message: aiohttp.WSMessage) -> None:
        self.close_code, self.close_reason = self._socket.close_code, str(message.extra or "")
        if message.type is not WSMsgType.CLOSE or self.close_code == _CUT_OFF:
            raise NoAnswer("the connection broke")


def _error(error: object) -> NoAnswer | AnswerTooLarge:
    if isinstance(error, aiohttp.WebSocketError) and error.code == _TOO_BIG:
        return AnswerTooLarge(f"a message is larger than {MAX_MESSAGE_BYTES // 1024} KiB")
    return NoAnswer(f"the connection broke: {error}")


@asynccontextmanager
async def open_websocket(
    http: HttpClient,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    protocols: Sequence[str] = (),
    ping_every: float | None = None,
) -> AsyncIterator[WebSocket]:
    """Connects. Raises OutboundError's subclasses, in the block too; StreamRefused where the server won't.

    With `ping_every` we ping the server after so many silent seconds, and a missing answer breaks the connection.
    """
    async with http.websocket(
        url, headers=headers, protocols=protocols, ping_every=ping_every, max_message=MAX_MESSAGE_BYTES
    ) as socket:
        yield WebSocket(socket)
