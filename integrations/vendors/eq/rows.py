"""EQ's active, queued and parked calls, each a row of what one request shows. Pure.

A row is the part that one phone, one queue or one parking space has in a conversation. The document shows none of their fields, so
that these are looked for by the names that Asterisk and EQ itself have for such things.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import quote, unquote

from msgspec import Struct

from integrations.contract.events import LegState, Party, Recording
from integrations.vendors.eq.wire import Record, Unreadable

_MAX_KEY = 200
_NUMBER = re.compile(r"[+*#]?[\d*#().\- ]{1,39}", re.ASCII)
_NAME_AND_NUMBER = re.compile(r'"?([^"<]*)"?\s*<([^>]*)>')
_ANONYMOUS = frozenset({"anonymous", "unknown", "private", "restricted", "withheld", "unavailable"})

# How a state is called → how the extension's own phone stands. EQ's words are unknown; Asterisk's have numbers as well.
_OVER = frozenset({"hungup", "hangup", "ended", "terminated", "gone"})
_RINGING = frozenset({"ringing", "alerting", "offering", "delivered", "5"})
_DIALLING = frozenset({"ring", "ringback", "dialing", "dialling", "calling", "outgoing", "4"})
_SETUP = frozenset(
    {"down", "rsrvd", "reserved", "offhook", "dialingoffhook", "prering", "initiated", "setup", "0", "1"}
)
_HOLDING = frozenset({"hold", "onhold", "held", "holding"})

_OTHER_SIDE = (
    "connectednumber",
    "connectedlinenum",
    "connectedlinenumber",
    "connectedline",
    "othernumber",
    "remotenumber",
)
_CALLER = ("callerid", "calleridnum", "calleridnumber", "callernumber", "caller", "from", "fromnumber")
_CALLED = (
    "destination",
    "destinationnumber",
    "dialednumber",
    "dialed",
    "callednumber",
    "called",
    "to",
    "tonumber",
    "dnid",
)
_ANYBODY = ("number", "phonenumber", "callerid")
_QUEUES = ("queue", "queueextension", "queuenumber", "callqueue")
_SPACES = ("space", "parkingspace", "slot", "parkingslot", "parkinglot", "lot", "exten")
_PLACES = ("extension", *_QUEUES, *_SPACES)
_OTHER_NAMES = ("connectedname", "connectedlinename", "othername", "remotename")
_CALLER_NAMES = ("calleridname", "callername", "fromname")
_CALLED_NAMES = ("destinationname", "dialedname", "calledname", "toname")


class Kind(StrEnum):
    LINE = "line"
    QUEUED = "queued"
    PARKED = "parked"


class Role(StrEnum):
    """Of the extension whose row it is."""

    CALLER = "caller"
    CALLEE = "callee"
    SUPERVISOR = "supervisor"


class Row(Struct, frozen=True):
    """One row. `raw` is as EQ sent it."""

    key: str
    """What we name the vendor's call by: the same however often, and by whom, the row is read."""
    kind: Kind
    place: str
    """The extension whose phone it is, the queue, or the parking space."""
    channel: str
    """Whose it is depends: the extension's own of a LINE, the caller's where they wait or are parked."""
    raw: Mapping[str, Any]
    state: LegState
    """Of the extension's phone."""
    role: Role
    party: Party
    """The other side; the caller of those who wait or are parked."""
    queue: Party | None
    """That the caller waits in, or came through."""
    is_calling: bool = False
    """The extension's call rings at the other side already."""
    muted: bool = False
    recording: Recording | None = None
    unique: str | None = None
    call: str | None = None
    """EQ's own ID of the call, and its unique one: recordings are asked for by them."""
    linked: str | None = None
    """What Asterisk calls a whole conversation."""
    other_channel: str | None = None

    @property
    def is_talking(self) -> bool:
        return self.kind is Kind.LINE and self.state in {LegState.CONNECTED, LegState.HOLD}

    @property
    def recording_id(self) -> str | None:
        """Of a call that is seen to be recorded."""
        if self.recording is not Recording.ON:
            return None
        return f"unique:{self.unique}" if self.unique else f"call:{self.call}" if self.call else None

    @property
    def digits(self) -> str:
        """The end of the other side's number, which is the same with and without a country code."""
        found = "".join(filter(str.isdigit, self.party.number or "")).lstrip("0")
        return found[-9:]


def line_row(record: Record, extension: str) -> Row | None:
    """Of the active calls of that extension; None for one that says that it is over. Raises Unreadable."""
    word = record.word("state", "status", "channelstate", "channelstatedesc", "callstate")
    if word in _OVER:
        return None
    extension = record.text("extension", limit=40) or extension
    role = _role(record, extension, word)
    names = (_OTHER_SIDE, _CALLED, _CALLER) if role is Role.CALLER else (_OTHER_SIDE, _CALLER, _CALLED)
    titles = (_OTHER_NAMES, _CALLED_NAMES) if role is Role.CALLER else (_OTHER_NAMES, _CALLER_NAMES)
    party = _party(record, (*names[0], *names[1], *names[2], *_ANYBODY), (*titles[0], *titles[1]), extension)
    is_calling = role is Role.CALLER and word in _DIALLING
    return _row(record, Kind.LINE, extension, party, state=_state(word), role=role, is_calling=is_calling)


def line_rows(records: Iterable[Record], extension: str) -> list[Row]:
    """Those of an answer. Raises Unreadable."""
    return [row for record in records if (row := line_row(record, extension)) is not None]


def queued_row(record: Record, queue: str | None = None) -> Row:
    """Of somebody who waits in a queue, which may be the only one that was asked for. Raises Unreadable."""
    place = record.text(*_QUEUES, limit=40) or queue or ""
    return _row(record, Kind.QUEUED, place, _caller(record), state=LegState.QUEUED)


def parked_row(record: Record) -> Row:
    """Of somebody who is parked. Raises Unreadable."""
    place = record.text(*_SPACES, limit=40) or ""
    return _row(record, Kind.PARKED, place, _caller(record), state=LegState.PARKED)


def leg_id(row: Row, *more: str) -> str:
    """Tells a command where the leg is and on which channel: `502/SIP%2F502-0000002a`."""
    place = row.place if row.kind is Kind.LINE else row.kind.value
    return "/".join(quote(part, safe="") for part in (place, row.channel, *more))


def whose(vendor_leg_id: str | None) -> tuple[str, str]:
    """The extension, or the kind of row, and the channel of a leg's id; two empty texts for one that names another side."""
    place, _, rest = (vendor_leg_id or "").partition("/")
    channel, _, more = rest.partition("/")
    return ("", "") if more or not channel else (unquote(place), unquote(channel))


def _row(
    record: Record,
    kind: Kind,
    place: str,
    party: Party,
    *,
    state: LegState,
    role: Role = Role.CALLEE,
    is_calling: bool = False,
) -> Row:
    unique = record.text("uniqueid", "calluniqueid", limit=60)
    began = record.text("starttime", "start", "startedat", "entertime", "jointime", "since", limit=40)
    channel = record.text("channel", "channelname", "channelid", limit=100) or unique or f"?{party.number or ''}"
    if channel == "?" and party == Party() and not record.text(*_PLACES):
        raise Unreadable("a call shows neither a channel nor a number")
    recording = record.flag("recording", "isrecording", "recorded")
    return Row(
        key=_key(kind, place, channel, unique or began or ""),
        kind=kind,
        place=place,
        channel=channel,
        raw=record.raw,
        state=state,
        role=role,
        party=party,
        queue=_queue(record, place if kind is Kind.QUEUED else None),
        is_calling=is_calling,
        muted=bool(record.flag("muted", "mute")),
        recording=None if recording is None else Recording.ON if recording else Recording.OFF,
        unique=unique,
        call=record.text("id", "callid", "call", limit=60),
        linked=record.text("linkedid", limit=60),
        other_channel=record.text("otherchannel", "bridgedchannel", "linkedchannel", "connectedchannel", limit=100),
    )


def _queue(record: Record, number: str | None) -> Party | None:
    number = number or record.text(*_QUEUES, limit=40)
    return Party(number=number, name=record.text("queuename")) if number else None


def _key(*parts: str) -> str:
    key = ":".join(quote(part, safe="/@.-") for part in parts)
    return key if len(key) <= _MAX_KEY else hashlib.sha256(key.encode()).hexdigest()


def _state(word: str) -> LegState:
    """A word that nobody foresaw counts as talking: so most of a call's time is spent."""
    if word in _RINGING:
        return LegState.ALERTING
    if word in _DIALLING or word in _SETUP:
        return LegState.INITIATED
    if word in _HOLDING:
        return LegState.HOLD
    return LegState.PARKED if word == "parked" else LegState.CONNECTED


def _role(record: Record, extension: str, word: str) -> Role:
    """By whose number stands where; without numbers by what is said of the direction, or by the state."""
    if record.word("monitoring", "monitor", "spying", "supervising") not in {"", "0", "false", "none", "no"}:
        return Role.SUPERVISOR
    caller, called = record.text(*_CALLER), record.text(*_CALLED)
    if extension in {caller, called} and caller != called:
        return Role.CALLER if caller == extension else Role.CALLEE
    told = record.word("direction", "calldirection", "calltype")
    if told.startswith(("in", "out")) and told != "internal":
        return Role.CALLER if told.startswith("out") else Role.CALLEE
    return Role.CALLER if word in _DIALLING | _SETUP else Role.CALLEE


def _caller(record: Record) -> Party:
    return _party(record, (*_CALLER, *_ANYBODY), (*_CALLER_NAMES, "name"), "")


def _party(record: Record, numbers: tuple[str, ...], names: tuple[str, ...], own: str) -> Party:
    """The first number that isn't the extension's own. Asterisk writes a name and a number as `"Jan" <0612345678>`."""
    name, anonymous = record.text(*names), False
    for field in numbers:
        words = record.text(field) or ""
        if found := _NAME_AND_NUMBER.fullmatch(words):
            name, words = name or found[1].strip() or None, found[2].strip()
        if _NUMBER.fullmatch(words) and words != own:
            return Party(number=words, name=name)
        anonymous |= words.lower() in _ANONYMOUS
    anonymous |= (name or "").lower() in _ANONYMOUS
    return Party(name=None if anonymous else name, anonymous=anonymous)
