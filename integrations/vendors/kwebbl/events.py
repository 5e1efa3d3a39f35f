"""What Kwebbl's notifications say ("Receiving events from subscriptions" in its Realtime API document).

The document contradicts itself in places (README.md lists where); every reading is accepted here and none is relied on.
"""

import hashlib
import re
from datetime import UTC, datetime

import msgspec
from msgspec import Struct, field

from integrations.contract.errors import MalformedPayload
from integrations.contract.events import CtiEvent, Direction, EndReason, EventType, Party, Strand, Transfer

# "Available events", in the list's spelling and the examples'; hyphens are read as underscores.
EVENT_TYPES = {
    "created": EventType.ORIGINATED,
    "ringing": EventType.DELIVERED,
    "answered": EventType.ESTABLISHED,
    "terminated": EventType.CLEARED,
    "transferred": EventType.TRANSFERRED,
    "bridged": EventType.BRIDGED,
    "holding": EventType.HELD,
    "resume": EventType.RETRIEVED,
    "resumed": EventType.RETRIEVED,
    "start_recording": EventType.RECORDING_STARTED,
    "stop_recording": EventType.RECORDING_STOPPED,
}

# The document shows `hangup` alone. The others are what switches commonly say; a word that is not here counts as a
# plain hangup, and stays readable in the stored payload.
END_REASONS = {
    "hangup": EndReason.HANGUP,
    "normal": EndReason.HANGUP,
    "normal_clearing": EndReason.HANGUP,
    "completed": EndReason.HANGUP,
    "cancel": EndReason.CANCELLED,
    "canceled": EndReason.CANCELLED,
    "cancelled": EndReason.CANCELLED,
    "originator_cancel": EndReason.CANCELLED,
    "abandoned": EndReason.CANCELLED,
    "no_answer": EndReason.NO_ANSWER,
    "noanswer": EndReason.NO_ANSWER,
    "no_user_response": EndReason.NO_ANSWER,
    "missed": EndReason.NO_ANSWER,
    "timeout": EndReason.NO_ANSWER,
    "busy": EndReason.BUSY,
    "user_busy": EndReason.BUSY,
    "rejected": EndReason.REJECTED,
    "call_rejected": EndReason.REJECTED,
    "declined": EndReason.REJECTED,
    "answered_elsewhere": EndReason.ANSWERED_ELSEWHERE,
    "completed_elsewhere": EndReason.ANSWERED_ELSEWHERE,
    "lose_race": EndReason.ANSWERED_ELSEWHERE,
    "transfer": EndReason.TRANSFERRED,
    "transferred": EndReason.TRANSFERRED,
    "blind_transfer": EndReason.TRANSFERRED,
    "attended_transfer": EndReason.TRANSFERRED,
    "voicemail": EndReason.VOICEMAIL,
    "failed": EndReason.FAILED,
    "failure": EndReason.FAILED,
    "error": EndReason.FAILED,
    "congestion": EndReason.FAILED,
    "unallocated_number": EndReason.FAILED,
    "unreachable": EndReason.FAILED,
}

_DIRECTIONS = {each.value: each for each in Direction}
_ANONYMOUS = "anonymous"
_NUMBER = re.compile(r"(?=.*\d)[+*#]?[\d*# ().-]{1,39}", re.ASCII)
_MAX_ID = 200
_MAX_NAME = 200
_MAX_IDENTITY = 300

Word = str | int | None
"""The document types ids and numbers as strings; its examples also show JSON numbers."""


class Agent(Struct):
    """Somebody on a call; "has at least one of these properties"."""

    number: Word = None
    extension_id: Word = None
    caller_id: Word = None


AgentLike = Agent | str | int | None
"""Presence mode is only "limited", so a party may be a bare word too."""


class Sides(Struct):
    """The parties before, or after, a transfer."""

    from_: AgentLike = field(default=None, name="from")
    to: AgentLike = None


class Leg(Struct):
    """One of the calls of a `bridged` event."""

    call_id: Word = None
    from_: AgentLike = field(default=None, name="from")
    to: AgentLike = None
    direction: str | None = None


class Notification(Struct):
    """The body of a notification: the base structure, and what `terminated`, `transferred` and `bridged` add to it."""

    event_type: str
    time: str
    id: Word = None
    call_id: Word = None
    from_: AgentLike = field(default=None, name="from")
    via: AgentLike = None
    to: AgentLike = None
    direction: str | None = None
    reason: Word = None
    before: Sides | None = None
    after: Sides | None = None
    initiator: AgentLike = None
    transfer_type: str | None = None
    calls: list[Leg] | None = None


_decoder = msgspec.json.Decoder(Notification)


def parse_notification(body: bytes) -> CtiEvent:
    """The event that a notification tells. Raises MalformedPayload, saying what is wrong, for anything else."""
    note = _decode(body)
    kind = EVENT_TYPES.get(_key(note.event_type))
    if kind is None:
        raise MalformedPayload(f"Kwebbl sent an event type that its document doesn't have: {note.event_type[:60]!r}")
    call_id = _call_id(note.call_id)
    strands = _strands(note) if kind is EventType.BRIDGED else ()
    if call_id is None and strands:
        call_id = strands[0].vendor_call_id
    if call_id is None and kind is not EventType.ORIGINATED:  # the document's example of `created` has none
        raise MalformedPayload(f"the {note.event_type} event names no call")
    return CtiEvent(
        identity=_identity(kind, note, strands, body),
        type=kind,
        occurred_at=_time(note.time),
        vendor_call_id=call_id,
        direction=_direction(note.direction),
        from_=_party(note.from_),
        to=_party(note.to),
        via=_party(note.via),
        reason=_end_reason(note.reason) if kind is EventType.CLEARED else None,
        transfer=_transfer(note) if kind is EventType.TRANSFERRED else None,
        strands=strands,
    )


def _decode(body: bytes) -> Notification:
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedPayload(f"not a Kwebbl event: {error}") from error


def _identity(kind: EventType, note: Notification, strands: tuple[Strand, ...], body: bytes) -> str:
    """The document's own example gives `answered` and `bridged` one `id`, so the id alone doesn't tell events apart."""
    event_id = _text(note.id)
    calls = "+".join(strand.vendor_call_id for strand in strands) or _text(note.call_id)
    identity = f"{kind}:{calls}:{event_id}"
    if event_id and len(identity) <= _MAX_IDENTITY:
        return identity
    return f"{kind}:sha256:{_digest(body)}"


def _digest(body: bytes) -> str:
    """Of the content, whatever its spacing and the order of its keys."""
    canonical = msgspec.json.encode(msgspec.json.decode(body), order="deterministic")
    return hashlib.sha256(canonical).hexdigest()


def _strands(note: Notification) -> tuple[Strand, ...]:
    return tuple(
        Strand(call_id, _party(leg.from_), _party(leg.to), _direction(leg.direction))
        for leg in note.calls or ()
        if (call_id := _call_id(leg.call_id))
    )


def _transfer(note: Notification) -> Transfer:
    if note.after is None:
        raise MalformedPayload("the transferred event doesn't say who talks to whom after it")
    before = note.before or Sides()
    return Transfer(
        before_from=_party(before.from_) or Party(),
        before_to=_party(before.to) or Party(),
        after_from=_party(note.after.from_) or Party(),
        after_to=_party(note.after.to) or Party(),
        initiator=_party(note.initiator),
        mode="attended" if _key(note.transfer_type or "") == "attended" else "blind",
    )


def _party(agent: AgentLike) -> Party | None:
    """`caller_id` is "as used by the agent": a number, a display name (untrusted text), or the word `anonymous`."""
    if agent is None:
        return None
    if not isinstance(agent, Agent):
        agent = Agent(caller_id=agent)
    number, caller_id = _text(agent.number), _text(agent.caller_id)
    words = [word for word in (number, caller_id) if word]
    numbers = [word for word in words if _NUMBER.fullmatch(word)]
    names = [word for word in words if word not in numbers and word.lower() != _ANONYMOUS]
    return Party(
        extension_id=_text(agent.extension_id)[:_MAX_ID] or None,
        number=numbers[0] if numbers else None,
        name=names[-1][:_MAX_NAME] if names else None,
        anonymous=any(word.lower() == _ANONYMOUS for word in words),
    )


def _call_id(word: Word) -> str | None:
    call_id = _text(word)
    if len(call_id) > _MAX_ID:
        raise MalformedPayload(f"the call id is longer than {_MAX_ID} characters")
    return call_id or None


def _text(word: Word) -> str:
    return "" if word is None else str(word).strip()


def _key(word: str) -> str:
    return word.strip().lower().replace("-", "_").replace(" ", "_")


def _direction(word: str | None) -> Direction | None:
    return _DIRECTIONS.get(_key(word or ""))


def _end_reason(word: Word) -> EndReason:
    return END_REASONS.get(_key(_text(word)), EndReason.HANGUP)


def _time(text: str) -> datetime:
    """ISO 8601; "usually is UTC", so a time without a zone is read as UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedPayload(f"the time is not ISO 8601: {text[:40]!r}") from error
