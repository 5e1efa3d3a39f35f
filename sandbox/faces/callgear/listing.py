""" "Receiving a list of active calls": sessions with their tags and legs."""

from typing import Any

from sandbox.engine.model import Leg, LegState, Role
from sandbox.faces.callgear.catalogue import TAGS
from sandbox.faces.callgear.dialect import Dialect
from sandbox.faces.callgear.parameters import Values
from sandbox.faces.callgear.rpc import Handler
from sandbox.faces.callgear.sessions import Session, Sessions, State
from sandbox.faces.callgear.staff import Staff
from sandbox.faces.callgear.times import local

_DIALING = "Redial"


class Listing:
    def __init__(self, sessions: Sessions, staff: Staff, dialect: Dialect) -> None:
        self.sessions = sessions
        self.staff = staff
        self.dialect = dialect

    def handlers(self) -> dict[str, Handler]:
        return {"list.calls": self.list_calls}

    def list_calls(self, values: Values) -> list[dict[str, Any]]:
        """Those that end by themselves before the answer are gone from it."""
        return [
            self._session(each)
            for each in self.sessions.live
            if values.get("direction") in (None, each.origin.direction)
            and values.get("virtual_phone_number") in (None, each.origin.virtual_number)
        ]

    def _session(self, session: Session) -> dict[str, Any]:
        legs = [each for each in self.sessions.legs(session) if each.is_live or self.dialect.ended_legs]
        return {
            "call_session_id": session.id,
            "direction": session.origin.direction,
            "start_time": self._start_time(session.call.created_at),
            "virtual_phone_number": session.origin.virtual_number,
            "contact_phone_number": session.contact_number,
            "external_id": session.origin.external_id,
            "tags": [{"tag_id": each, "tag_name": TAGS[each].name} for each in session.tags],
            "legs": [self._leg(session, each) for each in legs],
        }

    def _leg(self, session: Session, leg: Leg) -> dict[str, Any]:
        calling, called = leg_numbers(session, leg, self.staff)
        is_contact = session.is_contact(leg)
        employee = leg.party.extension if session.origin.shows_employee else None
        return {
            "leg_id": self.sessions.leg_id(leg),
            "calling_phone_number": calling,
            "called_phone_number": called,
            "is_operator": not is_contact and leg.role is not Role.SUPERVISOR,
            "employee_id": int(employee.id) if employee else None,
            "employee_full_name": employee.name if employee else None,
            "record_call_enabled": session.call.recording,
            "state": self._state(session, leg),
        }

    def _state(self, session: Session, leg: Leg) -> str:
        if not leg.is_live:
            return "Disconnect"
        if leg.role is Role.SUPERVISOR:
            return self.dialect.talk_state if leg.state is LegState.CONNECTED else _DIALING
        state = self.sessions.state(session)
        if session.is_contact(leg):
            return self._contact_state(session, leg, state)
        if state is State.OPERATOR_TALK:
            return "Operators' conversation"
        if state is State.HOLD:
            return "On hold" if self.dialect.held_legs == "both" else self.dialect.talk_state
        return self.dialect.talk_state if state is State.TALK and leg.state is LegState.CONNECTED else _DIALING

    def _contact_state(self, session: Session, leg: Leg, state: State) -> str:
        """Whoever is transferred hears it ring; whoever calls hears it ring or waits in line."""
        if state in (State.HOLD, State.CONSULTATION_DIALING, State.OPERATOR_TALK):
            return "On hold"
        if state is State.TALK:
            return self.dialect.talk_state
        if session.call.in_state(LegState.QUEUED):
            return "Next in line"
        return "Transferring call" if session.call.answered_at and leg.state is LegState.CONNECTED else _DIALING

    def _start_time(self, at: float) -> str:
        moment = local(at, self.dialect)
        match self.dialect.start_time:
            case "example":
                return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
            case "table":
                return moment.strftime("%Y-%m-%d %H:%M:%S")
            case "agreement":
                return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def leg_numbers(session: Session, leg: Leg, staff: Staff) -> tuple[str | None, str | None]:
    """Who calls, who is called. A contact who called dialled the virtual number; else everybody is called, the contact
    with the virtual number, and with the DTMF that is sent to them, as in the example.
    """
    virtual, own = session.origin.virtual_number, staff.number_of(leg)
    if not session.is_contact(leg):
        return (virtual if session.origin.shows_virtual else session.contact_number), own
    if session.origin.source == "va":
        return own, virtual
    return virtual, f"{own or ''}{session.origin.dtmf}" or None
