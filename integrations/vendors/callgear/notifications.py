"""CallGear's HTTP notifications: what comes of the templates that somebody pasted into the client area. Pure.

The body of a notification is a template that the customer writes, so names, order, and even JSON's quotes may be others than in
ours. Nothing is signed: the address is the secret. They are hints: how a call stands, list.calls tells (watching.py).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from integrations.contract.errors import MalformedPayload
from integrations.contract.events import CtiEvent, EventType, Ignored, LegState, LegView, Party
from integrations.vendors.callgear.calls import RINGS, TALKS, begun, contact_of, direction_of
from integrations.vendors.callgear.templates import Kind
from integrations.vendors.callgear.wire import Unreadable, decode, id_of, name_of, number_of, plain, text_of

# Words that only names and mnemonics of that event have, in any order; the first that fit count.
_WORDS: Sequence[tuple[Kind, tuple[str, ...]]] = (
    (Kind.RECORDED, ("record",)),
    (Kind.LOST, ("lost",)),
    (Kind.LOST, ("missed",)),
    (Kind.TALK_FINISHED, ("disconnected",)),
    (Kind.TALK_STARTED, ("talk", "start")),
    (Kind.TALK_STARTED, ("connected",)),
    (Kind.TALK_FINISHED, ("talk", "finish")),
    (Kind.TALK_FINISHED, ("talk", "end")),
    (Kind.FINISHED, ("finish",)),
    (Kind.FINISHED, ("call", "end")),
    (Kind.WAITING, ("wait",)),
    (Kind.INBOUND, ("inbound",)),
    (Kind.INBOUND, ("incoming",)),
    (Kind.OUTBOUND, ("outbound",)),
    (Kind.OUTBOUND, ("outgoing",)),
)
_KIND_FIELDS = ("event", "notification_mnemonic", "notification_name", "event_type", "type")
# What others call a parameter, as far as it can't be anything else.
_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "call_session_id": ("callsessionid", "sessionid", "callid"),
    "contact_phone_number": ("contactnumber", "contactphone", "contact", "phone", "callerid", "numa"),
    "virtual_phone_number": ("virtualnumber", "virtualphone", "numb"),
    "employee_id": ("employeeid", "operatorid", "userid"),
    "employee_full_name": ("employeename", "employeefullname", "employee"),
    "employee_phone_number": ("employeephone", "employeenumber"),
    "file_link": ("recordlink", "recordurl", "recordinglink", "recordingurl", "link"),
    "tag_names": ("tags",),
}
_LINE = re.compile(r'^\s*"?(?P<name>[\w.-]{1,80})"?\s*[:=]\s*(?P<value>.*?),?\s*$')
_EMPTY = re.compile(r'^(?:"?\{\{.*\}\}"?|null|"")?$')
_LINK = re.compile(r"https?://\S{1,500}")
_MAX_FIELDS = 100


class Told(Struct, frozen=True):
    """A notification, read."""

    kind: Kind
    fields: Mapping[str, Any]

    def text(self, name: str) -> str | None:
        return text_of(self.fields.get(name))

    @property
    def call_id(self) -> str:
        return self.text("call_session_id") or ""

    @property
    def is_outbound(self) -> bool:
        told = direction_of(self.text("direction"))
        return told == "outbound" if told else self.kind is Kind.OUTBOUND

    @property
    def employee(self) -> Party | None:
        """The employee whom it is about; a number alone where it is nobody's of ours."""
        name = name_of(self.fields.get("employee_full_name"))
        if employee := id_of(self.fields.get("employee_id")):
            return Party(extension_id=employee, name=name)
        number = number_of(self.fields.get("employee_phone_number"))
        return Party(number=number, name=name) if number else None

    @property
    def about(self) -> str:
        """Whom it is about, in a word."""
        employee = self.employee or Party()
        return employee.extension_id or employee.number or ""

    @property
    def leg_id(self) -> str | None:
        return id_of(self.fields.get("leg_id"))

    def tags(self) -> tuple[str, ...] | None:
        value = self.fields.get("tag_names")
        listed = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
        return tuple(each for each in map(name_of, listed) if each) or None


def parse_notification(body: bytes, at: datetime) -> list[CtiEvent] | Ignored:
    """What a notification says. Raises MalformedPayload with what came and what is missing."""
    told = _read(body)
    match told.kind:
        case Kind.INBOUND | Kind.OUTBOUND:
            return [_begun(told, at)]
        case Kind.WAITING | Kind.TALK_STARTED:
            return [_begun(told, at), _hinted(told, at)]
        case Kind.TALK_FINISHED:
            return Ignored("who has left is shown by list.calls, or told with the call's end")
        case Kind.RECORDED:
            return [_recorded(told, at)]
    return _ended(told, at)


def _begun(told: Told, at: datetime) -> CtiEvent:
    virtual = Party(number=number_of(told.fields.get("virtual_phone_number")))
    ours = (told.employee or virtual) if told.is_outbound else virtual
    contact = contact_of(told.text("contact_phone_number"))
    return begun(told.call_id, at, ours, contact, is_outbound=told.is_outbound)


def _hinted(told: Told, at: datetime) -> CtiEvent:
    """That an employee's phone rings, or that they talk with the contact."""
    talks = told.kind is Kind.TALK_STARTED
    legs = [_employees_leg(told, talks=talks)] if told.employee else []
    if talks:
        role = "callee" if told.is_outbound else "caller"
        contact = contact_of(told.text("contact_phone_number"))
        legs.append(LegView("contact", contact, LegState.CONNECTED, role, inferred=True, order=TALKS))
    return CtiEvent(
        identity=f"{told.call_id}:{told.kind}:{told.leg_id or told.about}",
        type=EventType.OBSERVED,
        occurred_at=at,
        vendor_call_id=told.call_id,
        legs=tuple(legs),
        in_passing=True,
    )


def _employees_leg(told: Told, *, talks: bool) -> LegView:
    """Without a leg's id, what list.calls shows of the employee outweighs it."""
    leg_id, party = told.leg_id, told.employee or Party()
    rings = LegState.INITIATED if told.is_outbound else LegState.ALERTING
    return LegView(
        vendor_leg_id=leg_id or f"employee:{told.about}",
        party=party,
        state=LegState.CONNECTED if talks else rings,
        role="caller" if told.is_outbound else "callee",
        inferred=leg_id is None,
        order=TALKS if talks else RINGS,
    )


def _ended(told: Told, at: datetime) -> list[CtiEvent]:
    """With who called whom: it may be all that is heard of the call. One that is told as lost and as finished ends once."""
    events, tags = [_begun(told, at)], told.tags()
    if tags is not None:
        tagged = CtiEvent(
            identity=f"{told.call_id}:{told.kind}:tags",
            type=EventType.OBSERVED,
            occurred_at=at,
            vendor_call_id=told.call_id,
            tags=tags,
            in_passing=True,
        )
        events.append(tagged)
    ended = CtiEvent(
        identity=f"{told.call_id}:{told.kind}", type=EventType.CLEARED, occurred_at=at, vendor_call_id=told.call_id
    )
    return [*events, ended]


def _recorded(told: Told, at: datetime) -> CtiEvent:
    link = told.text("file_link") or ""
    if not _LINK.fullmatch(link):
        raise MalformedPayload(_missing("an address as file_link", told.fields))
    return CtiEvent(
        identity=f"{told.call_id}:{told.kind}:{link}"[:300],
        type=EventType.OBSERVED,
        occurred_at=at,
        vendor_call_id=told.call_id,
        recording_id=link,
        in_passing=True,
    )


# Reading.


def _read(body: bytes) -> Told:
    fields = _fields(body)
    known = _by_our_names(fields)
    kind = _kind(fields)
    if kind is None:
        raise MalformedPayload(_missing("which event it is, as `event` or `notification_name`,", fields))
    if id_of(known.get("call_session_id")) is None:
        raise MalformedPayload(_missing("call_session_id", fields))
    return Told(kind, known)


def _fields(body: bytes) -> dict[str, Any]:
    """What the template became: JSON, or lines of name and value where the values' quotes were left out."""
    try:
        value = decode(body)
    except Unreadable:
        value = _lines(body)
    if not isinstance(value, dict) or not value:
        raise MalformedPayload(
            "not a notification of CallGear's: it is no JSON object. Paste the template as it is shown with the account."
        )
    return {str(name): each for name, each in list(value.items())[:_MAX_FIELDS] if not _is_empty(each)}


def _lines(body: bytes) -> dict[str, Any]:
    found = (_LINE.match(line) for line in body.decode("utf-8", errors="replace").splitlines()[:_MAX_FIELDS])
    pairs = {each["name"]: each["value"].strip() for each in found if each}
    return {name: value[1:-1] if value[:1] == value[-1:] == '"' else value for name, value in pairs.items()}


def _is_empty(value: Any) -> bool:
    """None, nothing, or a parameter that this event doesn't have, left as it was."""
    return value is None or value == [] or (isinstance(value, str) and bool(_EMPTY.match(value.strip())))


def _by_our_names(fields: Mapping[str, Any]) -> dict[str, Any]:
    known = dict(fields)
    others = {name.lower().replace("_", "").replace("-", ""): value for name, value in fields.items()}
    for ours, names in _OTHER_NAMES.items():
        for name in names:
            if ours not in known and name in others:
                known[ours] = others[name]
    return known


def _kind(fields: Mapping[str, Any]) -> Kind | None:
    for name in _KIND_FIELDS:
        words = plain(text_of(fields.get(name)) or "")
        for kind, needed in _WORDS:
            if words and all(each in words for each in needed):
                return kind
    return None


def _missing(what: str, fields: Mapping[str, Any]) -> str:
    """Says what came by name; the values stand in the payload."""
    names = ", ".join(sorted(fields))[:300] or "nothing"
    return f"not a notification of CallGear's: {what} is missing. What came: {names}."
