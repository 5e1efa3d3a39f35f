"""Makes calls happen. Every method changes the call and tells the company's listeners, in that order, synchronously."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

from sandbox.engine.company import Company
from sandbox.engine.errors import NotDialable, UnknownCall, WrongState
from sandbox.engine.model import (
    Call,
    Direction,
    EngineEvent,
    Kind,
    Leg,
    LegState,
    Parties,
    Party,
    Role,
    Transfer,
)

_TALKING = (LegState.CONNECTED, LegState.HELD)
_RINGING = (LegState.INITIATED, LegState.ALERTING)


class Switch:
    """The calls of one company. Needs a running event loop for what happens later by itself."""

    def __init__(self, company: Company) -> None:
        self.company = company

    def find(self, call_id: str) -> Call:
        """Raises UnknownCall; an ended call is unknown too."""
        try:
            return self.company.calls[call_id]
        except KeyError:
            raise UnknownCall(f"There is no call {call_id}") from None

    def dial(self, caller: Party, callee: Party, *, pickup: bool = True, consultation_for: str | None = None) -> Call:
        """Calls `callee`. Without `pickup` the caller's own phone waits to be picked up first.

        Raises NotDialable when both are outside, are the same, or the caller is no phone.
        """
        if caller.extension is None and callee.extension is None:
            raise NotDialable("A call needs an extension at one end")
        if caller.extension is not None and caller.extension is callee.extension:
            raise NotDialable("An extension can't call itself")
        if caller.extension is not None and caller.extension.is_dialplan:
            raise NotDialable("A dialplan has no phone to call from")
        call = Call(
            id=self.company.make_call_id(),
            direction=_direction(caller, callee),
            dialled=callee,
            created_at=self.company.now(),
            consultation_for=consultation_for,
        )
        state = LegState.CONNECTED if pickup else LegState.INITIATED
        call.legs.append(_leg(caller, Role.CALLER, state))
        self.company.calls[call.id] = call
        self._tell(Kind.CREATED, call)
        if pickup:
            self._ring(call, callee, Role.CALLEE)
        else:
            self._give_up_later(call)
        return call

    def answer(self, call: Call, extension_id: str | None) -> None:
        """Picks up the phone of that extension, or of the party outside for None. Raises WrongState if it doesn't ring."""
        leg = call.leg_of(extension_id, *_RINGING)
        if leg is None:
            raise WrongState("That phone does not ring for this call")
        if leg.state is LegState.INITIATED:
            leg.state = LegState.CONNECTED
            self._ring(call, call.dialled, Role.CALLEE)
            return
        for other in call.live:
            if other is not leg and other.state is LegState.ALERTING:
                other.state = LegState.ENDED
        leg.state = LegState.CONNECTED
        call.answered_at = call.answered_at or self.company.now()
        self._tell(Kind.ANSWERED, call, leg=leg)

    def reject(self, call: Call, extension_id: str | None) -> None:
        """Declines on one phone; when no other rings, the call is over."""
        leg = call.leg_of(extension_id, *_RINGING)
        if leg is None:
            raise WrongState("That phone does not ring for this call")
        leg.state = LegState.ENDED
        if not any(each.state is LegState.ALERTING for each in call.live):
            self.end(call, "rejected")

    def hangup(self, call: Call, extension_id: str | None) -> None:
        """That party leaves: the end of the call, except for one of several ringing phones."""
        leg = call.leg_of(extension_id)
        if leg is None:
            raise WrongState("That party is not on this call")
        if leg.state is LegState.ALERTING:
            self.reject(call, extension_id)
        else:
            self.end(call)

    def end(self, call: Call, cause: str | None = None) -> None:
        """Ends the call; the cause is by default what ends a call in its state. A held call resumes when its consultation ends."""
        if call.ended_at is not None:
            raise WrongState("The call has ended already")
        parties = call.parties
        call.end_cause = cause or ("hangup" if call.answered_at else "cancelled")
        call.ended_at = self.company.now()
        for leg in call.legs:
            leg.state = LegState.ENDED
        del self.company.calls[call.id]
        self.company.ended.append(call)
        self._tell(Kind.ENDED, call, parties=parties, cause=call.end_cause)
        original = self.company.calls.get(call.consultation_for or "")
        if original is not None and original.state is LegState.HELD and call.end_cause != "transferred":
            self.resume(original)

    def hold(self, call: Call, extension_id: str | None = None) -> None:
        """Holds from that extension's phone, by default from the phone that `agent_leg` picks."""
        leg = self.agent_leg(call, extension_id)
        if call.state is not LegState.CONNECTED:
            raise WrongState("Only a connected call can be held")
        leg.state = LegState.HELD
        self._tell(Kind.HELD, call, leg=leg)

    def resume(self, call: Call) -> None:
        if call.state is not LegState.HELD:
            raise WrongState("The call is not on hold")
        for leg in call.live:
            if leg.state is LegState.HELD:
                leg.state = LegState.CONNECTED
                self._tell(Kind.RETRIEVED, call, leg=leg)

    def record(self, call: Call, *, on: bool) -> None:
        """Starts or stops recording. Raises WrongState when nobody talks, or when it already is so."""
        if call.state not in _TALKING or call.recording is on:
            raise WrongState("The call is not answered" if call.state not in _TALKING else "Recording is already so")
        call.recording = on
        self._tell(Kind.RECORDING_STARTED if on else Kind.RECORDING_STOPPED, call)

    def transfer(self, call: Call, target: Party, extension_id: str | None = None) -> None:
        """Blind: the initiator leaves, the target rings for the other party."""
        leg = self.agent_leg(call, extension_id)
        self._check_target(call, target, leg)
        self._replace(call, leg, target, attended=False)
        self._ring(call, target, leg.role)

    def consult(self, call: Call, target: Party, extension_id: str | None = None) -> Call:
        """First half of an attended transfer: holds the call and calls the target from the same phone."""
        leg = self.agent_leg(call, extension_id)
        self._check_target(call, target, leg)
        if call.state is LegState.CONNECTED:
            self.hold(call, leg.party.extension_id)
        return self.dial(leg.party, target, consultation_for=call.id)

    def finish_transfer(self, call: Call) -> None:
        """Second half (`*` on the phone): the target and the held party talk, the consultation ends by itself."""
        consultation = self.consultation(call)
        answered = (
            consultation.leg_of(consultation.party(Role.CALLEE).extension_id, *_TALKING) if consultation else None
        )
        if consultation is None or answered is None or answered.role is not Role.CALLEE:
            raise WrongState("Nobody has answered the consultation")
        leg = self.agent_leg(call, consultation.party(Role.CALLER).extension_id)
        self._tell(Kind.BRIDGED, call, consultation=consultation)
        self._replace(call, leg, answered.party, attended=True)
        call.legs.append(_leg(answered.party, leg.role, LegState.CONNECTED))
        self.end(consultation, "transferred")

    def cancel_transfer(self, call: Call) -> None:
        """Back to the held party (`#` on the phone)."""
        consultation = self.consultation(call)
        if consultation is None:
            raise WrongState("There is no transfer to cancel")
        self.end(consultation)

    def consultation(self, call: Call) -> Call | None:
        return next((each for each in self.company.calls.values() if each.consultation_for == call.id), None)

    def agent_leg(self, call: Call, extension_id: str | None = None) -> Leg:
        """The talking leg of that extension; by default the called extension's, or else the calling one's."""
        legs = [leg for leg in call.live if leg.party.extension and leg.state in _TALKING]
        for leg in sorted(legs, key=lambda each: each.role is Role.CALLER):
            if extension_id in (None, leg.party.extension_id):
                return leg
        raise WrongState("No such phone is talking on this call")

    def _check_target(self, call: Call, target: Party, leg: Leg) -> None:
        if call.state not in _TALKING or self.consultation(call) is not None:
            raise WrongState("Only an answered call that is not being transferred can be transferred")
        if target.extension is not None and target.extension is leg.party.extension:
            raise NotDialable("A call can't be transferred to the phone that it is on")

    def _replace(self, call: Call, leg: Leg, target: Party, *, attended: bool) -> None:
        """The initiator's leg ends; the others talk again; what changed is told."""
        before = call.parties
        after = Parties(target, before.callee) if leg.role is Role.CALLER else Parties(before.caller, target)
        leg.state = LegState.ENDED
        for other in call.live:
            other.state = LegState.CONNECTED
        if leg.role is Role.CALLEE:
            call.dialled, call.via = target, None
        transfer = Transfer(before, after, leg.party, attended)
        self._tell(Kind.TRANSFERRED, call, parties=after, transfer=transfer)

    def _ring(self, call: Call, target: Party, role: Role) -> None:
        """Rings the target, or every member's phone where the target is a dialplan."""
        phones = [target]
        if target.extension is not None and target.extension.is_dialplan:
            call.via = target
            members = (self.company.extensions[each] for each in target.extension.members)
            talking = call.party(Role.CALLER if role is Role.CALLEE else Role.CALLEE).extension
            phones = [self.company.party_of(member) for member in members if member is not talking]
        if not phones:
            self.end(call, "no_answer")
        for phone in phones:
            leg = _leg(phone, role, LegState.ALERTING)
            call.legs.append(leg)
            self._tell(Kind.ALERTING, call, leg=leg)
        self._give_up_later(call)
        behaviour = self.company.behaviour
        if target.extension is None and behaviour.customer_answers_after_s is not None:
            self._later(behaviour.customer_answers_after_s, call, lambda: self.answer(call, None))

    def _give_up_later(self, call: Call) -> None:
        self._later(self.company.behaviour.ring_timeout_s, call, lambda: self.end(call, "no_answer"))

    def _later(self, seconds: float, call: Call, action: Callable[[], Any]) -> None:
        """Does it then, unless the phones that ring now have stopped ringing."""
        ringing = [leg for leg in call.live if leg.state in _RINGING]

        def act() -> None:
            if call.id in self.company.calls and any(leg.state in _RINGING for leg in ringing):
                action()

        asyncio.get_running_loop().call_later(seconds, act)

    def _tell(
        self,
        kind: Kind,
        call: Call,
        *,
        leg: Leg | None = None,
        parties: Parties | None = None,
        cause: str | None = None,
        transfer: Transfer | None = None,
        consultation: Call | None = None,
    ) -> None:
        self.company.tell(
            EngineEvent(
                kind=kind,
                call=call,
                at=self.company.now(),
                parties=parties or _parties(call, leg),
                leg=leg,
                cause=cause,
                transfer=transfer,
                consultation=consultation,
            )
        )


def _leg(party: Party, role: Role, state: LegState) -> Leg:
    return Leg(uuid.uuid4().hex, party, role, state)


def _parties(call: Call, leg: Leg | None) -> Parties:
    """Who is on the call, as the event about `leg` tells it: a ringing phone is named in its own role."""
    parties = call.parties
    if leg is None:
        return parties
    return Parties(leg.party, parties.callee) if leg.role is Role.CALLER else Parties(parties.caller, leg.party)


def _direction(caller: Party, callee: Party) -> Direction:
    if caller.extension is None:
        return Direction.INBOUND
    return Direction.OUTBOUND if callee.extension is None else Direction.INTERNAL
