"""Call sessions: what CallGear calls one call, with everybody whom its operator consults."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from sandbox.engine.company import ENDED_KEPT
from sandbox.engine.events import EngineEvent, Kind
from sandbox.engine.model import Call, Direction, Leg, LegState, Role
from sandbox.engine.switch import Switch
from sandbox.faces.callgear.errors import invalid_state, refused, session_not_found
from sandbox.faces.callgear.staff import Staff

Way = Literal["in", "out"]


class State(StrEnum):
    """The "Call state diagram", whose picture the document lost; its texts name these."""

    DIALING = "dialing"
    TALK = "talk"
    HOLD = "hold"
    CONSULTATION_DIALING = "consultation dialing"
    OPERATOR_TALK = "operator_talk"


@dataclass(frozen=True, slots=True)
class Origin:
    """How a session began. `source`: as notifications say it. `shows_employee`: an "operator" of a simple call is none.

    `shows_virtual`: whoever talks to the contact is called by the virtual number, else by the contact's.
    """

    direction: Way
    contact_role: Role
    virtual_number: str | None
    source: Literal["va", "sip", "callapi"]
    external_id: str | None = None
    scenario_name: str | None = None
    dtmf: str = ""
    is_informer: bool = False
    shows_employee: bool = True
    shows_virtual: bool = False


@dataclass(slots=True, eq=False)
class Session:
    call: Call
    origin: Origin
    tags: list[int] = field(default_factory=list)

    @property
    def id(self) -> int:
        return int(self.call.id)

    @property
    def contact(self) -> Leg | None:
        """The contact's leg; None while a scenario's call to them hasn't begun."""
        return next((each for each in self.call.legs if self.is_contact(each)), None)

    @property
    def contact_number(self) -> str | None:
        party = self.call.legs[0].party if self.origin.contact_role is Role.CALLER else self.call.dialled
        return (self.contact.party if self.contact else party).number or None

    def is_contact(self, leg: Leg) -> bool:
        return leg.role is self.origin.contact_role

    def is_shown(self, leg: Leg) -> bool:
        """A scenario waits in no leg of its own, and nobody speaks an informer's message."""
        extension = leg.party.extension
        hidden = self.origin.is_informer and not self.is_contact(leg)
        return not hidden and not (extension is not None and extension.is_dialplan)

    def operator(self) -> Leg:
        """Whoever talks to the contact, or holds. Raises RpcError invalid_state."""
        for leg in self.call.talking:
            if not self.is_contact(leg) and self.is_shown(leg):
                return leg
        raise invalid_state()


class Sessions:
    """Listens to the engine: each call that consults about none is a session. Ids count up in milliseconds since 1970."""

    def __init__(self, switch: Switch, staff: Staff) -> None:
        self.switch = switch
        self.company = switch.company
        self.staff = staff
        self._all: dict[str, Session] = {}
        self._leg_ids: dict[str, int] = {}
        self._last_id = 0
        self._origin: Origin | None = None
        self.company.make_call_id = lambda: str(self._next_id())

    @property
    def live(self) -> list[Session]:
        return [each for each in self._all.values() if each.call.ended_at is None]

    @property
    def ended(self) -> list[Session]:
        return [each for each in self._all.values() if each.call.ended_at is not None]

    @contextmanager
    def beginning(self, origin: Origin) -> Iterator[None]:
        """The call that the API begins within is of this origin."""
        self._origin = origin
        try:
            yield
        finally:
            self._origin = None

    def find(self, session_id: int) -> Session:
        """Raises RpcError call_session_not_found, for one that has ended too."""
        session = self._all.get(str(session_id))
        if session is None or session.call.ended_at is not None:
            raise session_not_found(session_id)
        return session

    def of(self, call: Call) -> Session | None:
        """The session that the call is, or consults about."""
        return self._all.get(call.consultation_for or call.id)

    def count(self, contact_number: str | None) -> int:
        """How many sessions there were with this contact, those remembered at least."""
        return sum(each.contact_number == contact_number for each in self._all.values())

    def consultation(self, session: Session) -> Call | None:
        calls = self.company.calls.values()
        return next((each for each in calls if each.consultation_for == session.call.id), None)

    def state(self, session: Session) -> State:
        if consultation := self.consultation(session):
            return State.OPERATOR_TALK if len(consultation.talking) > 1 else State.CONSULTATION_DIALING
        if session.call.in_state(LegState.HELD):
            return State.HOLD
        return State.TALK if len(session.call.talking) > 1 else State.DIALING

    def legs(self, session: Session) -> list[Leg]:
        """Of the call and of whom its operator consults, ended ones too; the operator is one leg, not two."""
        consultation = self.consultation(session)
        consulted = [each for each in consultation.legs if each.role is Role.CALLEE] if consultation else []
        return [each for each in (*session.call.legs, *consulted) if session.is_shown(each)]

    def leg(self, session: Session, leg_id: int) -> Leg:
        """Raises RpcError leg_not_found."""
        for leg in self.legs(session):
            if leg.is_live and self.leg_id(leg) == leg_id:
                return leg
        raise refused("leg_not_found", "The call's leg not found", "leg_id", leg_id)

    def leg_id(self, leg: Leg) -> int:
        if leg.id not in self._leg_ids:
            self._leg_ids[leg.id] = self._next_id()
        return self._leg_ids[leg.id]

    def follow(self, event: EngineEvent) -> None:
        """The engine's listener, before those that tell of sessions."""
        call = event.call
        if event.kind is Kind.CREATED and call.consultation_for is None:
            self._forget_oldest()
            self._all[call.id] = Session(call, self._origin or self._usual_origin(call))
        if event.consultation is not None:
            for leg in event.consultation.legs:
                if leg.peer is not None:  # somebody goes on in the other call: still the same leg here
                    self._leg_ids[leg.peer.leg_id] = self.leg_id(leg)

    def react(self, event: EngineEvent) -> None:
        """After everybody has heard: a session takes its consultation with it when it ends."""
        if event.kind is not Kind.ENDED or event.call.id not in self._all:
            return
        consultation = self.consultation(self._all[event.call.id])
        if consultation is not None:
            self.switch.calls.end(consultation)

    def clear(self) -> None:
        self._all.clear()
        self._leg_ids.clear()

    def _next_id(self) -> int:
        self._last_id = max(self._last_id + 1, int(self.company.now() * 1000))
        return self._last_id

    def _usual_origin(self, call: Call) -> Origin:
        """Of a call that somebody makes with a phone. An internal one shows no virtual number."""
        caller = call.legs[0].party.extension
        if call.direction is Direction.INBOUND:
            called = call.dialled.extension
            shown = called.shown_number if called else None
            number = call.dialled.number if call.dialled.number in self.staff.virtual_numbers else shown
            scenario = called.name if called and called.is_dialplan else None
            return Origin("in", Role.CALLER, number, "va", scenario_name=scenario)
        number = caller.shown_number if caller and call.direction is Direction.OUTBOUND else None
        return Origin("out", Role.CALLEE, number, "sip", shows_virtual=True)

    def _forget_oldest(self) -> None:
        ended = self.ended
        for session in ended[: max(0, len(ended) - ENDED_KEPT)]:
            del self._all[session.call.id]
            for leg in session.call.legs:
                self._leg_ids.pop(leg.id, None)
