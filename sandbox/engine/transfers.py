"""Transfers: to a number, or from one call to another, with or without a consultation."""

from sandbox.engine.calls import Calls
from sandbox.engine.core import Core
from sandbox.engine.directory import Device, Party
from sandbox.engine.errors import NotDialable, WrongState
from sandbox.engine.events import EngineEvent, Kind, Transfer, TransferMode
from sandbox.engine.model import TALKING, Call, Cause, Leg, LegState, Parties, Peer, Role
from sandbox.engine.routing import Routing
from sandbox.engine.voicemail import Voicemail


class Transfers:
    """`leg` is always the phone that transfers: it leaves, and the others go on. Raises WrongState, NotDialable."""

    def __init__(self, core: Core, calls: Calls, routing: Routing, voicemail: Voicemail) -> None:
        self.core = core
        self.calls = calls
        self.routing = routing
        self.voicemail = voicemail
        core.company.reactions.append(self._complete_waiting)

    def transfer(self, call: Call, leg: Leg, target: Party, mode: TransferMode = TransferMode.BLIND) -> None:
        """To a number, without asking there: the target rings for whoever remains, or as the mode says."""
        self._check(call, leg, target)
        if len(call.talking) > 2:
            raise WrongState("A conference can't be transferred; its members can leave")
        if mode is TransferMode.VOICEMAIL and (target.extension is None or target.extension.is_dialplan):
            raise NotDialable("Only a user has a voicemail box")
        transfer = self._release(call, leg, target, mode=mode)
        self.core.tell(Kind.TRANSFERRED, call, leg=leg, parties=transfer.after, transfer=transfer)
        match mode:
            case TransferMode.VOICEMAIL:
                self.voicemail.deposit(call, target, leg.role, Cause.TRANSFERRED)
            case TransferMode.CAMP_ON:
                self.routing.camp_on(call, target, leg.role, back_to=leg.party)
            case _:
                self.routing.route(call, target, leg.role, bypass=mode is TransferMode.BYPASS)

    def consult(self, call: Call, leg: Leg, target: Party, device: Device | None = None) -> Call:
        """First half of an attended transfer: holds the call and calls the target from the same phone. Answers that call."""
        self._check(call, leg, target)
        device = device or leg.device
        self.core.phones(leg.party.extension, device)
        if leg.state is LegState.CONNECTED:
            self.calls.hold(call, leg)
        return self.calls.dial(leg.party, target, device=device, consultation_for=call.id)

    def consultation(self, call: Call) -> Call | None:
        """The call that consults about this one."""
        calls = self.core.company.calls.values()
        return next((each for each in calls if each.consultation_for == call.id), None)

    def complete(self, call: Call) -> None:
        """Second half (`*` on the phone): the target and the held party talk, the consultation ends by itself."""
        consultation = self.consultation(call)
        if consultation is None:
            raise WrongState("There is no consultation to complete")
        own = consultation.legs[0]
        self.to_call(call, self.calls.agent_leg(call, own.party.extension_id), consultation)

    def cancel(self, call: Call) -> None:
        """Back to the held party (`#` on the phone)."""
        consultation = self.consultation(call)
        if consultation is None:
            raise WrongState("There is no transfer to cancel")
        self.core.end(consultation)

    def to_call(self, call: Call, leg: Leg, other: Call, *, wait: bool = False) -> None:
        """Joins this leg's call with another call of the same extension, which ends; the extension leaves both.

        With `wait`, as soon as the other is answered. Raises WrongState when it can't be, or nobody there has answered.
        """
        own = next((each for each in other.talking if each.party.extension is leg.party.extension), None)
        if (
            call is other
            or own is None
            or own.party.extension is None
            or leg not in call.talking
            or not call.is_settled
        ):
            raise WrongState("The two calls have no phone in common")
        remotes = [each for each in other.talking if each is not own]
        if not remotes and wait and other.in_state(LegState.ALERTING, LegState.QUEUED):
            other.completes = call.id
            return
        if not remotes:
            raise WrongState("Nobody has answered the consultation")
        self.core.tell(Kind.BRIDGED, call, consultation=other)
        transfer = self._release(call, leg, remotes[0].party, attended=True)
        for remote in remotes:
            adopt(self.core, call, remote, leg.role, Cause.TRANSFERRED)
        self.core.tell(Kind.TRANSFERRED, call, leg=leg, parties=transfer.after, transfer=transfer, consultation=other)
        self.core.end(other, Cause.TRANSFERRED)

    def swap(self, active: Call, other: Call, extension_id: str, device: Device | None = None) -> None:
        """Holds the one and goes on with the other, which this extension holds or which rings there ("hold and answer")."""
        leg = self.calls.agent_leg(active, extension_id)
        waiting = self.calls.leg(other, extension_id, LegState.HELD, LegState.ALERTING)
        self.calls.hold(active, leg)
        if waiting.state is LegState.HELD:
            self.calls.resume(other, waiting)
        else:
            self.calls.answer(other, waiting, device)

    def _check(self, call: Call, leg: Leg, target: Party) -> None:
        if (
            leg not in call.talking
            or len(call.talking) < 2
            or not call.is_settled
            or self.consultation(call) is not None
        ):
            raise WrongState("Only an answered call that is not being transferred can be transferred")
        if target.extension is not None and target.extension is leg.party.extension:
            raise NotDialable("A call can't be transferred to the phone that it is on")

    def _release(
        self, call: Call, leg: Leg, target: Party, *, attended: bool = False, mode: TransferMode = TransferMode.BLIND
    ) -> Transfer:
        """The initiator's leg ends; the others talk again."""
        before = call.parties
        after = Parties(target, before.callee) if leg.role is Role.CALLER else Parties(before.caller, target)
        self.core.close(leg, Cause.TRANSFERRED)
        for other in call.in_state(LegState.HELD):
            other.state = LegState.CONNECTED
        if leg.role is Role.CALLEE:
            call.dialled, call.via = target, None
        return Transfer(before, after, leg.party, attended, mode)

    def _complete_waiting(self, event: EngineEvent) -> None:
        """The target of a transfer that waits for it has answered."""
        if event.kind is not Kind.ANSWERED or event.call.completes is None:
            return
        call = self.core.company.calls.get(event.call.completes)
        own = event.call.legs[0]
        leg = call.leg_of(own.party.extension_id, *TALKING) if call else None
        if call is not None and leg is not None and call.is_settled and own in event.call.talking:
            self.to_call(call, leg, event.call)


def adopt(core: Core, call: Call, leg: Leg, role: Role, cause: Cause) -> Leg:
    """Takes over somebody's leg from another call, connected; the leg there ends and points here. Nobody is told."""
    taken = core.add(call, leg.party, role, LegState.CONNECTED, list(leg.devices))
    taken.muted = leg.muted
    core.close(leg, cause, Peer(call.id, taken.id))
    return taken
