"""Server-sent events (HTML Living Standard §9.2): an HTTP answer that goes on, event after event."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct

from common.http import AnswerTooLarge, HttpClient, HttpStream, NoAnswer, StreamRefused

MAX_EVENT_BYTES = 1024 * 1024
_LINE_END = re.compile(rb"\r\n|\r|\n")
_HEADERS = {"Accept": "text/event-stream", "Accept-Encoding": "identity", "Cache-Control": "no-store"}
_OK = 200


class SseEvent(Struct, frozen=True):
    """One event."""

    data: str
    event: str = "message"
    id: str = ""
    """The last id that the server named, here or before."""


class SseComment(Struct, frozen=True):
    """A comment, or an event without data: a sign of life."""

    text: str


class SseParser:
    """Makes events of bytes, however they are cut. Holds at most MAX_EVENT_BYTES of an event that isn't whole yet."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._data: list[str] = []
        self._event = self._id = ""
        self._size = 0
        self._after_cr = False
        self._at_start = True

    @property
    def is_inside_event(self) -> bool:
        """Whether the end of the stream, now, would cut an event off."""
        return bool(self._line or self._data)

    def feed(self, chunk: bytes) -> list[SseEvent | SseComment]:
        """What became whole with this chunk. Raises AnswerTooLarge."""
        if self._after_cr:
            chunk = chunk.removeprefix(b"\n")
        self._after_cr = chunk.endswith(b"\r") or (self._after_cr and not chunk)
        head, *rest = _LINE_END.split(chunk)
        self._grow(head)
        found = []
        for part in rest:
            if (item := self._take_line()) is not None:
                found.append(item)
            self._grow(part)
        return found

    def _grow(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > MAX_EVENT_BYTES:
            raise AnswerTooLarge(f"an event is larger than {MAX_EVENT_BYTES // 1024} KiB")
        self._line += part

    def _take_line(self) -> SseEvent | SseComment | None:
        text, size = self._line.decode("utf-8", errors="replace"), len(self._line)
        self._line.clear()
        if self._at_start:
            self._at_start, text = False, text.removeprefix("\ufeff")
        if not text:
            return self._dispatch()
        name, _, value = text.partition(":")
        value = value.removeprefix(" ")
        if not name:
            self._size -= size  # a comment is no part of the event that it may stand in
            return SseComment(value)
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        return None

    def _dispatch(self) -> SseEvent | SseComment | None:
        data, event, size = self._data, self._event, self._size
        self._data, self._event, self._size = [], "", 0
        if data:
            return SseEvent("\n".join(data), event or "message", self._id)
        return SseComment(event) if size else None


class EventSource:
    """What comes on one connection, to be iterated over once; ends when the server ends it."""

    def __init__(self, answer: HttpStream) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[SseEvent | SseComment]:
        parser = SseParser()
        async for chunk in self._answer.chunks():
            for item in parser.feed(chunk):
                yield item
        if parser.is_inside_event:
            raise NoAnswer("the stream ended in the middle of an event")


@asynccontextmanager
async def open_events(
    http: HttpClient,
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    json: Any = None,
) -> AsyncIterator[EventSource]:
    """Connects. Raises OutboundError's subclasses, in the block too; StreamRefused for an answer that isn't a stream of events."""
    async with http.stream(method, url, headers=_HEADERS | dict(headers or {}), params=params, json=json) as answer:
        if answer.status != _OK or answer.content_type != "text/event-stream":
            raise StreamRefused(
                f"no event stream, but {answer.content_type} with status {answer.status}", await answer.read()
            )
        yield EventSource(answer)
