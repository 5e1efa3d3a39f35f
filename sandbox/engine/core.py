"""What every feature is built on: finding calls, adding and ending legs, ringing phones, and telling of it."""

import uuid
from collections.abc import Callable
from typing import Unpack

from sandbox.engine.company import Company
from sandbox.engine.directory import Device, Extension, Party
from sandbox.engine.errors import NotDialable, UnknownCall, UnknownDevice, WrongState
from sandbox.engine.events import CallDetails, EngineEvent, Kind, LineDetails, LineEvent, LineKind
from sandbox.engine.model import TALKING, Call, Cause, Direction, Leg, LegState, Parties, Peer, Role
from sandbox.engine.stored import RecordingState


class Core:
    """The primitives. They check nothing but what they say: features decide what may be done when."""

    def __init__(self, company: Company) -> None:
        self.company = company

    def find(self, call_id: str) -> Call:
        """Raises UnknownCall; an ended call is unknown too."""
        try:
            return self.company.calls[call_id]
        except KeyError:
            raise UnknownCall(f"There is no call {call_id}") from None

    def create(
        self, caller: Party, callee: Party, state: LegState, devices: list[Device], consultation_for: str | None = None
    ) -> Call:
        """A new call with its caller's leg."""
        now = self.company.now()
        call = Call(
            id=self.company.make_call_id(),
            direction=direction(caller, callee),
            dialled=callee,
            created_at=now,
            consultation_for=consultation_for,
        )
        self.add(call, caller, Role.CALLER, state, devices)
        self.company.calls[call.id] = call
        self.tell(Kind.CREATED, call)
        return call

    def add(self, call: Call, party: Party, role: Role, state: LegState, devices: list[Device] | None = None) -> Leg:
        leg = Leg(uuid.uuid4().hex, party, role, state, self.company.now(), devices or [])
        if state in TALKING:
            leg.answered_at = leg.started_at
        call.legs.append(leg)
        return leg

    def connect(self, call: Call, leg: Leg, device: Device | None, cause: Cause | None = None) -> None:
        """Somebody answers: no other phone rings any longer for that side, nobody waits for it, and nobody is parked."""
        now = self.company.now()
        leg.state, leg.answered_at = LegState.CONNECTED, now
        leg.devices = [device] if device else []
        call.answered_at = call.answered_at or now
        waiting = (LegState.ALERTING, LegState.QUEUED)
        others = [each for each in call.in_state(*waiting) if each is not leg and each.role is leg.role]
        for other in others:
            self.close(other, Cause.ANSWERED_ELSEWHERE)
        self.unpark(call)
        self.tell(Kind.ANSWERED, call, leg=leg, device=device, cause=cause)
        self.tell_cleared(call, others)

    def unpark(self, call: Call) -> None:
        """Whoever is parked talks again."""
        if call.parking is not None:
            call.parking = None
            for parked in call.in_state(LegState.PARKED):
                parked.state = LegState.CONNECTED
                self.tell(Kind.UNPARKED, call, leg=parked)

    def close(self, leg: Leg, cause: Cause, peer: Peer | None = None) -> None:
        """The leg ends; nobody is told yet."""
        leg.state, leg.cause, leg.peer, leg.ended_at = LegState.ENDED, cause, peer, self.company.now()

    def leave(self, call: Call, leg: Leg, cause: Cause | None = None) -> None:
        """One leg ends; so does the call when fewer than two still talk, supervisors aside."""
        if leg.role is not Role.SUPERVISOR and len([each for each in call.talking if each is not leg]) < 2:
            self.end(call, cause)
            return
        self.close(leg, cause or Cause.HANGUP)
        self.pair(call)
        self.tell_cleared(call, [leg])

    def pair(self, call: Call) -> None:
        """The last two of a conference are a caller and somebody called again, whichever side they were on."""
        if len(call.talking) == 2 and call.talking[0].role is call.talking[1].role:
            call.talking[0].role, call.talking[1].role = Role.CALLER, Role.CALLEE

    def end(self, call: Call, cause: Cause | None = None) -> None:
        """Ends the call; the cause is by default what ends a call in its state. Raises WrongState when it has ended."""
        if call.ended_at is not None:
            raise WrongState("The call has ended already")
        parties, now = call.parties, self.company.now()
        call.end_cause = cause or _usual_cause(call)
        call.ended_at, call.parking = now, None
        for leg in call.live:
            self.close(leg, call.end_cause)
        for recording in call.recordings:
            if recording.is_running:
                recording.stop_counting(RecordingState.STORED, now)
        del self.company.calls[call.id]
        self.company.ended.append(call)
        self.tell(Kind.ENDED, call, parties=parties, cause=call.end_cause)

    def phones(self, extension: Extension | None, device: Device | None = None) -> list[Device]:
        """The phone to act on, or every one that is online; none for people outside.

        Raises UnknownDevice for somebody else's phone, NotDialable when the phone is offline or every one is.
        """
        if extension is None or not extension.devices:
            return []
        if device is not None and device not in extension.devices:
            raise UnknownDevice(f"{extension.name} has no phone {device.name}")
        online = [each for each in extension.online if device in (None, each)]
        if not online:
            raise NotDialable(f"No phone of {extension.name} is online")
        return online

    def later(self, seconds: float, call: Call, leg: Leg, action: Callable[[], object]) -> None:
        """Does it then, if the leg is still in the state that it is in now."""
        state = leg.state

        def act() -> None:
            if call.ended_at is None and leg.state is state:
                action()

        self.company.later(seconds, act)

    def tell_cleared(self, call: Call, legs: list[Leg]) -> None:
        """Unless the end of the call has said so already."""
        for leg in legs if call.ended_at is None else []:
            self.tell(Kind.CLEARED, call, leg=leg, cause=leg.cause)

    def tell(
        self,
        kind: Kind,
        call: Call,
        *,
        leg: Leg | None = None,
        parties: Parties | None = None,
        **details: Unpack[CallDetails],
    ) -> None:
        """`parties`: where they are others than those who are on the call now, as `leg` has it."""
        parties = parties or _parties(call, leg)
        self.company.tell(EngineEvent(kind=kind, call=call, at=self.company.now(), parties=parties, leg=leg, **details))

    def tell_line(self, kind: LineKind, extension: Extension, **details: Unpack[LineDetails]) -> None:
        self.company.tell_line(LineEvent(kind=kind, extension=extension, at=self.company.now(), **details))


def direction(caller: Party, callee: Party) -> Direction:
    if caller.extension is None:
        return Direction.INBOUND
    return Direction.OUTBOUND if callee.extension is None else Direction.INTERNAL


def _usual_cause(call: Call) -> Cause:
    if call.answered_at is not None or call.voicemail is not None:
        return Cause.HANGUP
    return Cause.ABANDONED if call.in_state(LegState.QUEUED) else Cause.CANCELLED


def _parties(call: Call, leg: Leg | None) -> Parties:
    """Who is on the call, as the event about `leg` tells it: a ringing phone is named in its own role."""
    parties = call.parties
    if leg is None or leg.role is Role.SUPERVISOR:
        return parties
    return Parties(leg.party, parties.callee) if leg.role is Role.CALLER else Parties(parties.caller, leg.party)
