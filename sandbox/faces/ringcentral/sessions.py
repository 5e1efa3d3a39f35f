"""Telephony sessions: what the engine tells of calls, as parties that change their status."""

import uuid
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.engine.company import Company
from sandbox.engine.events import EngineEvent, Kind
from sandbox.engine.model import Call, Leg, LegState, Role
from sandbox.faces.ringcentral.dialect import Dialect
from sandbox.faces.ringcentral.parties import PartyView, TelephonyParty, legacy_id

_KEPT = 1000


@dataclass(slots=True, eq=False)
class Session:
    """A call with its parties in the order in which they came, and what was told of them last. `legs`: those seen."""

    call: Call
    sequence: int = 0
    legs: set[str] = field(default_factory=set)
    parties: list[TelephonyParty] = field(default_factory=list)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.call.id

    @property
    def origin(self) -> str:
        """A conference that was made empty has nobody whom it dialled."""
        return "Call" if self.call.dialled.number else "Conference"

    @property
    def voice_call_token(self) -> str:
        """What somebody dials to join the conference."""
        return "conf_" + self.id.removeprefix("s-")

    def party_of(self, leg: Leg) -> TelephonyParty | None:
        """The newest party of a leg."""
        return next((each for each in reversed(self.parties) if each.leg is leg), None)


@dataclass(frozen=True, slots=True)
class Change:
    """One notification's worth: parties, rendered, with the session's sequence number then."""

    session: Session
    sequence: int
    at: float
    parties: tuple[dict[str, Any], ...]


class Sessions:
    """All sessions of one account, those that ended lately included."""

    def __init__(self, company: Company, account_id: str, dialect: Dialect) -> None:
        self.company = company
        self.dialect = dialect
        self.view = PartyView(account_id, dialect)
        self._all: OrderedDict[str, Session] = OrderedDict()

    def of(self, call: Call) -> Session:
        """The session of a call, begun on first sight."""
        session = self._all.get(call.id)
        if session is None:
            session = self._all[call.id] = Session(call)
            if len(self._all) > _KEPT:
                oldest = next((each for each, kept in self._all.items() if kept.call.ended_at is not None), None)
                if oldest is not None:
                    del self._all[oldest]
        return session

    def live(self) -> list[Session]:
        return [self.of(call) for call in self.company.calls.values()]

    def find(self, session_id: str) -> Session | None:
        """A session that hasn't ended."""
        call = self.company.calls.get(session_id)
        return self.of(call) if call is not None else None

    def reset(self) -> None:
        self._all.clear()

    def follow(self, event: EngineEvent) -> list[Change]:
        """What changed in the event's session, and in that of its consultation."""
        self._note(event)
        if _goes_to_own_box(event):
            return []
        calls = [event.call] if event.consultation is None else [event.consultation, event.call]
        sessions = [self.of(call) for call in calls]
        for session in sessions:
            for leg in session.call.legs:
                if leg.id not in session.legs:
                    self._add(session, leg)
        return [change for session in sessions for change in self.refresh(session, event.at)]

    def pretend(self, session: Session, number: int, status: dict[str, Any]) -> Change:
        """Says of a party what isn't so: for the codes and reasons that the sandbox's calls never have. Raises IndexError."""
        session.sequence += 1
        body = session.told[session.parties[number - 1].id] | {"status": {"rcc": False, **status}}
        return Change(session, session.sequence, self.company.now(), (body,))

    def render(self, session: Session, party: TelephonyParty) -> dict[str, Any]:
        """The party as call control answers it."""
        return self.view.rest(session.call, party, self.status(session, party))

    def status(self, session: Session, party: TelephonyParty) -> dict[str, Any]:
        """With the session where a party that is Gone lives on."""
        status = self.view.status(session.call, party)
        peer = party.peer or party.leg.peer
        if peer is None or status["code"] != "Gone":
            return status
        there = self._all.get(peer.call_id)
        leg = there.call.leg(peer.leg_id) if there else None
        other = there.party_of(leg) if there and leg else None
        linked = {"sessionId": legacy_id(peer.call_id), "telephonySessionId": peer.call_id}
        return status | {"peerId": linked | ({"partyId": other.id} if other else {})}

    def _note(self, event: EngineEvent) -> None:
        """What RingCentral tells of it beside the legs' states."""
        session = self.of(event.call)
        if event.kind is Kind.MOVED and event.leg is not None:
            self._flip(session, event.leg)
        if event.kind is Kind.BRIDGED and event.consultation is not None:
            there = {leg.party.extension_id for leg in event.consultation.legs if leg.party.extension}
            leaving = [each for each in session.parties if each.extension_id in there]
            for party in leaving + self.of(event.consultation).parties:
                party.reason = "AttendedTransfer"

    def refresh(self, session: Session, at: float) -> list[Change]:
        """New parties are told in Setup first, then everything that differs from what was told."""
        setups, updates = [], []
        for party in session.parties:
            status = self.status(session, party)
            body = self.view.event(session.call, party, status)
            if party.id not in session.told and status["code"] == "Proceeding":
                setups.append(body | {"status": {"code": "Setup", "rcc": False}})
            if session.told.get(party.id) != body:
                session.told[party.id] = body
                updates.append(body)
        return [change for wave in (setups, updates) for change in self._number(session, at, wave)]

    def _number(self, session: Session, at: float, bodies: list[dict[str, Any]]) -> list[Change]:
        groups = [[each] for each in bodies] if self.dialect.parties == "each" else [bodies] * bool(bodies)
        changes = []
        for group in groups:
            session.sequence += 1
            changes.append(Change(session, session.sequence, at, tuple(group)))
        return changes

    def _add(self, session: Session, leg: Leg) -> None:
        """A new party; but a voicemail box that answers for somebody who didn't is the party that rang."""
        call = session.call
        session.legs.add(leg.id)
        for party in session.parties:
            if leg.state is LegState.VOICEMAIL and _rang_in_vain(party, leg):
                party.leg = leg
                return
        remote = call.party(leg.role.other) if session.parties else call.dialled
        party = TelephonyParty(f"p{call.id.removeprefix('s')}-{len(session.parties) + 1}", leg, remote)
        if leg.role is Role.CALLEE and leg.party.extension is not None:
            party.dialled = call.via
        session.parties.append(party)

    def _flip(self, session: Session, leg: Leg) -> None:
        """The leg goes on as a new party."""
        old = session.party_of(leg)
        if old is not None:
            old.flipped = True
            number = len(session.parties) + 1
            session.parties.append(replace(old, id=f"p{session.id.removeprefix('s')}-{number}", flipped=False))


def _rang_in_vain(party: TelephonyParty, leg: Leg) -> bool:
    same = party.extension_id == leg.party.extension_id and party.leg.role is leg.role
    return same and party.leg.state is LegState.ENDED and party.leg.answered_at is None


def _goes_to_own_box(event: EngineEvent) -> bool:
    """The same party is told again, in voicemail."""
    return event.kind is Kind.DIVERTED and event.leg is not None and event.target == event.leg.party


def new_session_id() -> str:
    return f"s-{uuid.uuid4().hex}"
