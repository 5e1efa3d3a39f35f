"""The messages of WS /ws/v1/events (docs/live.md): decoding what clients send, encoding what they get. No session, no I/O."""

from typing import Any
from uuid import UUID

import msgspec
import orjson
from msgspec import Struct

from common.ids import InvalidId, parse_id
from cti.events.entries import LogEntry

MALFORMED = 4400
UNAUTHENTICATED = 4401
FORBIDDEN = 4403
TOO_LATE = 4408
TOO_SLOW = 4429
GOING_AWAY = 1012


class Authenticate(Struct, tag="authenticate", tag_field="type"):
    token: str


class Subscribe(Struct, tag="subscribe", tag_field="type"):
    """What to send: everything, or what all of the given lists let through; `after` a sequence, or live from now on."""

    after: int | None = None
    types: list[str] | None = None
    accounts: list[str] | None = None
    extensions: list[str] | None = None


class Command(Struct, tag="command", tag_field="type"):
    """An action on a call, as `POST /calls/{call_id}/{action}` with `params` for a body."""

    id: str
    call_id: str
    action: str
    params: dict[str, Any] = {}


class Pong(Struct, tag="pong", tag_field="type"):
    """Clients may answer pings; nothing depends on it."""


Message = Authenticate | Subscribe | Command | Pong
_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


class BadMessage(ValueError):
    """The client sent something else than the protocol has."""


def decode(text: str) -> Message:
    """A client's message; raises BadMessage with the reason."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise BadMessage(str(error)) from error


class Filter(Struct, frozen=True):
    """Which events a client wants, and may see."""

    types: frozenset[str] | None = None
    accounts: frozenset[UUID] | None = None
    extensions: frozenset[UUID] | None = None
    own: frozenset[UUID] | None = None
    """For an agent: only calls of these extensions."""

    def passes(self, entry: LogEntry) -> bool:
        if self.types is not None and entry.type not in self.types:
            return False
        if self.accounts is not None and entry.account_id not in self.accounts:
            return False
        if self.extensions is not None and self.extensions.isdisjoint(entry.extension_ids):
            return False
        return self.own is None or not self.own.isdisjoint(entry.extension_ids)

    @property
    def everything(self) -> bool:
        return self.types is self.accounts is self.extensions is self.own is None


def filter_of(message: Subscribe, own: frozenset[UUID] | None) -> Filter:
    """Raises BadMessage for ids that can't be ones. Foreign ids simply match nothing."""
    try:
        return Filter(
            types=frozenset(message.types) if message.types is not None else None,
            accounts=_ids("acc", message.accounts),
            extensions=_ids("ext", message.extensions),
            own=own,
        )
    except InvalidId as error:
        raise BadMessage(str(error)) from error


def _ids(prefix: str, given: list[str] | None) -> frozenset[UUID] | None:
    return None if given is None else frozenset(parse_id(prefix, text) for text in given)


def ready(sequence: int) -> str:
    return f'{{"type":"ready","sequence":{sequence}}}'


def ping(sequence: int) -> str:
    return f'{{"type":"ping","sequence":{sequence}}}'


def event(entry: LogEntry) -> str:
    """The event's body goes out byte for byte as it is logged."""
    return f'{{"type":"event","event":{entry.body}}}'


def result(command_id: str, status: int, body: Any) -> str:
    return orjson.dumps({"type": "result", "id": command_id, "status": status, "body": body}).decode()
