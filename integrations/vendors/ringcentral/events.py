"""What RingCentral's notifications say: telephony sessions ("Extension Telephony Sessions Event"), presence, messages.

Envelopes are flat today, and nested as `pn_apns` in the document's example; `event` is the filter, with its query or without.
A notification shows parties as they stand: each is an OBSERVED event, ordered by `sequence` within the session. Several
subscriptions, or filters, may tell their own views of one session: parties are the same by their id.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from integrations.contract.errors import MalformedPayload
from integrations.contract.events import CtiEvent, EventType, Ignored, Notice, NoticeType, Recording
from integrations.vendors.ringcentral.parties import View, direction_of, legs_of, peer_of, queue_of
from integrations.vendors.ringcentral.wire import MAX_ID, MAX_NAME, End, Party, Session, Word, moment, text

T = TypeVar("T")
Parsed = Sequence[CtiEvent | Notice] | Ignored
_EXTENSION = re.compile(r"/extension/(\d+)(?=/|$)")
_NO_CALLS = {
    "greetingsrecording": "somebody records a greeting",
    "verificationcall": "RingCentral verifies a number",
    "testcall": "a test call",
}
"""Origins of sessions that aren't calls between people."""
_GONE = {"disconnected", "gone"}
_LONGEST_TEXT = 2000
SNAPSHOT = "snapshot"
"""How sessions that we read ourselves are marked: all their parties are there."""


class Push(Struct, rename="camel"):
    """What the document's example nests."""

    event: str | None = None
    uuid: Word = None
    timestamp: str | None = None
    body: Raw | UnsetType = UNSET


class Envelope(Push, rename="camel"):
    """A notification, however it came: flat, or with `pn_apns` inside."""

    pn_apns: Push | None = msgspec.field(default=None, name="pn_apns")
    view: str | None = None
    """Ours: SNAPSHOT, or nothing."""


class PresenceBody(Struct, rename="camel"):
    """ "Extension Presence Event", "Account Presence Event"."""

    extension_id: Word = None
    presence_status: str | None = None
    user_status: str | None = None
    dnd_status: str | None = None
    telephony_status: str | None = None
    message: str | None = None


class Attachment(Struct, rename="camel"):
    """Of a message."""

    vm_duration: float | None = None


class MessageBody(Struct, rename="camel"):
    """ "Voicemail Message Event", "Instant Message Event"."""

    id: Word = None
    from_: End | None = msgspec.field(default=None, name="from")
    to: list[End] = []
    creation_time: str | None = None
    read_status: str | None = None
    direction: str | None = None
    subject: str | None = None
    attachments: list[Attachment] = []


_decoder = msgspec.json.Decoder(Envelope)


def parse_notification(payload: bytes) -> Parsed:
    """The events that a notification tells. Raises MalformedPayload, saying what is wrong, for what can't be read."""
    envelope = _read(payload, Envelope)
    push = envelope.pn_apns or envelope
    if push.event is None or isinstance(push.body, UnsetType):
        raise MalformedPayload("not a RingCentral notification: it has no event, or no body")
    path = push.event.partition("?")[0].rstrip("/")
    for ending, parse in _PARSERS.items():
        if path.endswith(ending):
            return parse(_Told(payload, path, push, text(push.uuid) or text(envelope.uuid), envelope.view == SNAPSHOT))
    return Ignored(f"nothing here uses the event {path[:100]}")


class _Told(Struct):
    """A notification, opened."""

    payload: bytes
    path: str
    push: Push
    uuid: str | None
    is_snapshot: bool

    def read(self, kind: type[T]) -> T:
        return _read(bytes(self.push.body), kind)  # type: ignore[arg-type]  # a Raw: whether there is a body was checked

    def identity(self, what: str) -> str:
        """RingCentral's own where it gives one, else of the content."""
        return f"{what}:{self.uuid or hashlib.sha256(self.payload).hexdigest()}"

    @property
    def extension_id(self) -> str | None:
        found = _EXTENSION.search(self.path)
        return found[1] if found else None

    def at(self, otherwise: str | None) -> datetime:
        """When it happened. The document has `eventTime` as the call's start, so the envelope's time goes before."""
        time = self.push.timestamp or otherwise
        if time is None:
            raise MalformedPayload("the notification has no time")
        return moment(time)


def _session(told: _Told) -> Parsed:
    session = told.read(Session)
    session_id = _session_id(session)
    origin = (session.origin.type or "" if session.origin else "").lower()
    if origin in _NO_CALLS:
        return Ignored(f"no call between people: {_NO_CALLS[origin]}")
    legs = tuple(leg for party in session.parties for leg in legs_of(party, _view(told, session)))
    if not legs:
        return Ignored("no party's state is told")
    recordings = [each for party in session.parties if not _is_gone(party) for each in party.recordings or ()]
    return [
        CtiEvent(
            identity=_session_identity(told, session, session_id),
            type=EventType.OBSERVED,
            occurred_at=told.at(session.event_time),
            vendor_call_id=session_id,
            direction=next(filter(None, map(direction_of, session.parties)), None),
            via=next(filter(None, map(queue_of, session.parties)), None),
            order=session.sequence,
            legs=legs,
            complete=told.is_snapshot,
            peers=tuple({peer: None for party in session.parties if (peer := peer_of(party))}),
            conference=True
            if origin == "conference" or any(each.conference_role for each in session.parties)
            else None,
            recording=_recording([each.active for each in recordings]),
            recording_id=text(recordings[-1].id) if recordings else None,
        )
    ]


def _session_id(session: Session) -> str:
    session_id = text(session.telephony_session_id) or text(session.id)
    if session_id is None:
        raise MalformedPayload("the notification names no telephony session")
    if any(len(party.id) >= MAX_ID for party in session.parties):
        raise MalformedPayload(f"a party's id is longer than {MAX_ID} characters")
    return session_id


def _view(told: _Told, session: Session) -> View:
    """Of subscriptions to single extensions the body names the extension."""
    if told.is_snapshot:
        return View.WHOLE
    return View.ACCOUNT if session.extension_id is None else View.EXTENSION


def _session_identity(told: _Told, session: Session, session_id: str) -> str:
    """Without a uuid: what it says, of which session, seen from where."""
    if told.uuid is not None or session.sequence is None:
        return told.identity("session")
    view = told.extension_id or "account"
    return f"session:{session_id}:{session.sequence}:{view}:{'+'.join(each.id for each in session.parties)}"[:300]


def _is_gone(party: Party) -> bool:
    return party.status.code.strip().lower() in _GONE


def _recording(active: Sequence[bool]) -> Recording | None:
    """RingCentral has no stop: a recording is paused and goes on, until the call ends."""
    if not active:
        return None
    return Recording.ON if any(active) else Recording.PAUSED


def _presence(told: _Told) -> Parsed:
    body = told.read(PresenceBody)
    extension_id = text(body.extension_id) or told.extension_id
    if extension_id is None:
        raise MalformedPayload("the presence is nobody's")
    at, notices = told.at(None), []
    if body.user_status or body.presence_status or body.message is not None:
        available = None if body.presence_status is None else body.presence_status.lower() == "available"
        data = {"activity": body.user_status, "available": available, "note": body.message, "dnd": body.dnd_status}
        notices.append(_notice(told, NoticeType.PRESENCE, at, _told_fields(data), extension_id))
    if body.telephony_status:
        data = {"line_state": body.telephony_status}
        notices.append(_notice(told, NoticeType.LINE_STATE, at, data, extension_id))
    return notices or Ignored("the presence says nothing that is shown")


def _voicemail(told: _Told) -> Parsed:
    body = told.read(MessageBody)
    data = {
        "vendor_voicemail_id": text(body.id),
        "received_at": moment(body.creation_time).isoformat() if body.creation_time else None,
        "from_number": _number(body.from_),
        "from_name": text(body.from_.name, MAX_NAME) if body.from_ else None,
        "duration_s": next((each.vm_duration for each in body.attachments if each.vm_duration is not None), None),
        "heard": (body.read_status or "").lower() == "read",
    }
    at = told.at(body.creation_time)
    return [_notice(told, NoticeType.VOICEMAIL, at, _told_fields(data), told.extension_id)]


def _text_message(told: _Told) -> Parsed:
    body = told.read(MessageBody)
    if (body.direction or "Inbound").lower() != "inbound":
        return Ignored("a message that was sent from here")
    data = {
        "vendor_message_id": text(body.id),
        "from": _number(body.from_),
        "to": _number(body.to[0]) if body.to else None,
        "text": (body.subject or "")[:_LONGEST_TEXT],
    }
    at = told.at(body.creation_time)
    return [_notice(told, NoticeType.MESSAGE, at, _told_fields(data), told.extension_id)]


def _message_store(_: _Told) -> Parsed:
    return Ignored("that the message store changed; voicemail and text messages are told whole by events of their own")


def _reminder(_: _Told) -> Parsed:
    return Ignored("a reminder that the subscription ends; it is renewed at half of its life anyway")


_PARSERS: dict[str, Callable[[_Told], Parsed]] = {
    "/telephony/sessions": _session,
    "/presence": _presence,
    "/voicemail": _voicemail,
    "/message-store/instant": _text_message,
    "/message-store": _message_store,
    "/subscription/~": _reminder,
}


def _notice(told: _Told, kind: NoticeType, at: datetime, data: dict[str, Any], extension_id: str | None) -> Notice:
    return Notice(told.identity(kind), kind, at, data, vendor_extension_id=extension_id)


def _told_fields(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}


def _number(end: End | None) -> str | None:
    return (text(end.phone_number) or text(end.extension_number)) if end else None


def _read(payload: bytes, kind: type[T]) -> T:
    try:
        return _decoder.decode(payload) if kind is Envelope else msgspec.json.decode(payload, type=kind)  # type: ignore[return-value]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedPayload(f"not a RingCentral notification: {error}") from error
