"""From a call session as list.calls shows it to the legs that it has. Pure.

A session is one call however often it is handed on: whoever is consulted joins it. Which leg is the contact's follows from
the numbers; who holds, from the contact being "On hold".
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from integrations.contract.events import CtiEvent, Direction, EventType, LegState, LegView, Party, Recording
from integrations.vendors.callgear.wire import Call, Leg, id_of, name_of, number_of, text_of

# The table of list.calls, its example ("Talk"), and what the texts of invalid_state call them.
_TALKING = frozenset(
    {
        "conversation",
        "talk",
        "sending dtmf",
        "receiving fax",
        "fax received",
        "sending fax",
        "fax sent",
    }
)
_OPERATORS_TALK = frozenset({"operators conversation", "operator conversation", "operator talk", "operators talk"})
_ON_HOLD = frozenset({"on hold", "hold"})
_DIALING = frozenset({"redial", "dialing", "transferring call"})
_IN_LINE = frozenset({"next in line"})
_OVER = frozenset({"disconnect", "disconnected"})
TALK_SUFFIX = "/talk"
"""Of the connection that an operator has with whom they consult, besides the one to the contact on hold."""
VIRTUAL = "virtual"
"""The leg of the number that the contact waits in line at."""
RINGS, TALKS = 1 << 44, 2 << 44
"""What orders what is told of a leg: a talk outweighs the ringing before it whichever is told last, a whole view every hint,
and of two views the later one, by its milliseconds."""


def observed(call: Call, at: datetime) -> CtiEvent:
    """How a call stood when it was asked for."""
    shown = _Shown(call, round(at.timestamp() * 1000))
    return CtiEvent(
        identity=f"{call.id}:{at.isoformat()}",
        type=EventType.OBSERVED,
        occurred_at=at,
        vendor_call_id=call.id,
        direction=direction_of(call.direction),
        legs=tuple(shown.legs()),
        complete=True,
        hands_over=True,
        order=TALKS + shown.ms,
        recording=_recording(call.legs or ()),
        tags=tuple(name for each in call.tags or () if (name := name_of(each.tag_name))),
    )


def originated(call: Call, at: datetime) -> CtiEvent:
    """Who called whom; the same event as a notification's."""
    contact, virtual = contact_of(call.contact_phone_number), number_of(call.virtual_phone_number)
    is_outbound = direction_of(call.direction) is Direction.OUTBOUND
    return begun(call.id, at, _Shown(call).caller_of_ours or Party(number=virtual), contact, is_outbound=is_outbound)


def begun(call_id: str, at: datetime, ours: Party, contact: Party, *, is_outbound: bool) -> CtiEvent:
    """A call between the contact and ours, who are the virtual number as long as nobody of us is on it."""
    return CtiEvent(
        identity=f"{call_id}:originated",
        type=EventType.ORIGINATED,
        occurred_at=at,
        vendor_call_id=call_id,
        direction=Direction.OUTBOUND if is_outbound else Direction.INBOUND,
        from_=ours if is_outbound else contact,
        to=contact if is_outbound else ours,
    )


def contact_of(number: object) -> Party:
    """The one outside, by their number; whoever shows none is anonymous."""
    shown = number_of(number)
    return Party(number=shown) if _digits(shown) else Party(anonymous=True)


def direction_of(word: str | None) -> Direction | None:
    return {"in": Direction.INBOUND, "out": Direction.OUTBOUND}.get((word or "").strip().lower())


class _Shown:
    """The legs of a session, told apart."""

    def __init__(self, call: Call, ms: int = 0) -> None:
        self.ms = ms
        self._call = call
        self._is_outbound = direction_of(call.direction) is Direction.OUTBOUND
        by_id = {leg.id: leg for leg in call.legs or ()}
        self._legs = [by_id[each] for each in sorted(by_id, key=_in_order)]
        self._contact = self._find_contact()
        self._is_held = self._contact is not None and self._contact.words in _ON_HOLD
        live = [leg for leg in self._legs if leg.words not in _OVER and leg is not self._contact]
        self._operators = [leg for leg in live if leg.is_operator is not False or leg.employee_id is not None]
        self._is_held = self._is_held or any(leg.words in _ON_HOLD for leg in self._operators)

    @property
    def caller_of_ours(self) -> Party | None:
        """Who of ours calls, in an outbound call."""
        return _party(self._operators[0]) if self._is_outbound and self._operators else None

    def legs(self) -> Iterator[LegView]:
        for leg in self._legs:
            if leg is self._contact:
                yield from self._contacts(leg)
            else:
                yield from self._others(leg)

    def _find_contact(self) -> Leg | None:
        """Nobody's leg of ours, and with the contact's number where several could be it."""
        number = _digits(self._call.contact_phone_number)
        outside = [leg for leg in self._legs if not leg.is_operator and leg.employee_id is None]
        fitting = [
            leg
            for leg in outside
            if number and (_digits(leg.calling_phone_number) == number or _called(leg).startswith(number))
        ]
        return next(iter(fitting), outside[0] if len(outside) == 1 else None)

    def _contacts(self, leg: Leg) -> Iterator[LegView]:
        came_in = not self._is_outbound and _called(leg) == _digits(self._call.virtual_phone_number) != ""
        state = LegState.CONNECTED
        if leg.words in _OVER:
            state = LegState.NULL
        elif leg.words == "redial" and not came_in:
            state = LegState.ALERTING
        role = "callee" if self._is_outbound else "caller"
        yield self._view(leg.id, contact_of(self._call.contact_phone_number), state, role)
        if leg.words in _IN_LINE:
            virtual = Party(number=number_of(self._call.virtual_phone_number))
            yield self._view(VIRTUAL, virtual, LegState.QUEUED, "callee")

    def _others(self, leg: Leg) -> Iterator[LegView]:
        party, role = _party(leg), self._role(leg)
        if self._is_held and self._operators and leg is self._operators[0]:
            yield self._view(leg.id, party, LegState.HOLD, role)
            if leg.words in _OPERATORS_TALK:
                yield self._view(f"{leg.id}{TALK_SUFFIX}", party, LegState.CONNECTED, role)
        else:
            yield self._view(leg.id, party, self._state(leg, role), role)

    def _state(self, leg: Leg, role: str) -> LegState:
        if leg.words in _OVER:
            return LegState.NULL
        if leg.words in _DIALING:
            return LegState.INITIATED if role == "caller" else LegState.ALERTING
        is_known = leg.words in _TALKING | _OPERATORS_TALK | _ON_HOLD
        return LegState.CONNECTED if is_known else LegState.INITIATED

    def _role(self, leg: Leg) -> str:
        if self._is_coach(leg):
            return "supervisor"
        if self._operators and leg is self._operators[0]:
            return "caller" if self._is_outbound else "callee"
        return "participant" if self._is_held or self._is_outbound else "callee"

    def _is_coach(self, leg: Leg) -> bool:
        """Somebody who can't manage the call, while the contact and an operator talk: nothing else tells who is a coach."""
        talking = [each for each in self._operators if each is not leg and each.is_operator and each.words in _TALKING]
        contact = self._contact
        return not leg.is_operator and contact is not None and contact.words in _TALKING and bool(talking)

    def _view(self, leg_id: str, party: Party, state: LegState, role: str) -> LegView:
        rings = state in {LegState.INITIATED, LegState.ALERTING}
        order = (RINGS if rings else TALKS) + self.ms
        return LegView(vendor_leg_id=leg_id, party=party, state=state, role=role, order=order)


def _party(leg: Leg) -> Party:
    """An employee, or an operator or somebody outside, who is known by number alone."""
    employee, name = id_of(leg.employee_id), name_of(leg.employee_full_name)
    if employee:
        return Party(extension_id=employee, name=name)
    return Party(number=number_of(leg.called_phone_number), name=name)


def _called(leg: Leg) -> str:
    """The example has the DTMF that is sent behind the number, after dots."""
    return _digits((text_of(leg.called_phone_number) or "").partition(".")[0])


def _digits(number: object) -> str:
    return "".join(each for each in text_of(number) or "" if each.isdecimal())


def _in_order(leg_id: str) -> tuple[int, str]:
    """By the numbers that ids are: who was called first has the lowest."""
    return len(leg_id), leg_id


def _recording(legs: Sequence[Leg]) -> Recording | None:
    told = {leg.record_call_enabled for leg in legs} - {None}
    if not told:
        return None
    return Recording.ON if True in told else Recording.OFF
