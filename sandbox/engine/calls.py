"""Basic call control: what every phone can do. Every method changes the call, then tells the company's listeners."""

from sandbox.engine.core import Core
from sandbox.engine.directory import Device, Extension, Party
from sandbox.engine.errors import NotDialable, UnknownLeg, WrongState
from sandbox.engine.events import EngineEvent, Kind
from sandbox.engine.model import RINGING, TALKING, Call, Cause, Digits, Leg, LegState, Role
from sandbox.engine.routing import Routing


class Calls:
    """Of one company. Legs are found by `leg`, `agent_leg`, or the call's own `leg_of`."""

    def __init__(self, core: Core, routing: Routing) -> None:
        self.core = core
        self.routing = routing
        self.company = core.company
        core.company.reactions.append(self._resume_original)

    def find(self, call_id: str) -> Call:
        """Raises UnknownCall; an ended call is unknown too."""
        return self.core.find(call_id)

    def leg(self, call: Call, extension_id: str | None, *states: LegState) -> Leg:
        """That extension's live leg, or the outside party's for None. Raises UnknownLeg."""
        leg = call.leg_of(extension_id, *states)
        if leg is None:
            raise UnknownLeg("Nobody like that is on the call")
        return leg

    def agent_leg(self, call: Call, extension_id: str | None = None) -> Leg:
        """The talking leg of that extension; by default the called extension's, or else the calling one's."""
        legs = [leg for leg in call.talking if leg.party.extension]
        for leg in sorted(legs, key=lambda each: each.role is Role.CALLER):
            if extension_id in (None, leg.party.extension_id):
                return leg
        raise WrongState("No such phone is talking on this call")

    def dial(
        self,
        caller: Party,
        callee: Party,
        *,
        pickup: bool = True,
        device: Device | None = None,
        consultation_for: str | None = None,
        by_pbx: bool = False,
    ) -> Call:
        """Calls `callee`, from that device or the first one online. Without `pickup` the caller's own phones ring first.

        `by_pbx`: the PBX itself calls both, so both may be outside. A caller outside who is rung answers as any customer does.
        Raises NotDialable when both are outside otherwise, are the same, or the caller has no phone that works.
        """
        if caller.extension is None and callee.extension is None and not by_pbx:
            raise NotDialable("A call needs an extension at one end")
        if caller.extension is not None and caller.extension is callee.extension:
            raise NotDialable("An extension can't call itself")
        if caller.extension is not None and caller.extension.is_dialplan:
            raise NotDialable("A dialplan has no phone to call from")
        devices = self.core.phones(caller.extension, device)
        if pickup:
            call = self.core.create(caller, callee, LegState.CONNECTED, devices[:1], consultation_for)
            self.routing.route(call, callee, Role.CALLEE)
            return call
        call = self.core.create(caller, callee, LegState.INITIATED, devices, consultation_for)
        behaviour, own = self.company.behaviour, call.legs[0]
        self.core.later(behaviour.ring_timeout_s, call, own, lambda: self.core.end(call, Cause.NO_ANSWER))
        if caller.extension is None and behaviour.customer_answers_after_s is not None:
            self.core.later(behaviour.customer_answers_after_s, call, own, lambda: self.answer(call, own))
        return call

    def answer(self, call: Call, leg: Leg, device: Device | None = None) -> None:
        """Picks up there, by default on the first phone that rings. Raises WrongState if it doesn't ring."""
        if leg.state not in RINGING or (device is not None and device not in leg.devices):
            raise WrongState("That phone does not ring for this call")
        device = device or (leg.devices[0] if leg.devices else None)
        if leg.state is LegState.ALERTING and leg.role is not Role.SUPERVISOR:
            self.core.connect(call, leg, device)
            return
        leg.state, leg.answered_at = LegState.CONNECTED, self.company.now()
        leg.devices = [device] if device else []
        if leg.role is Role.SUPERVISOR:
            self.core.tell(Kind.SUPERVISED, call, leg=leg, device=device)
            return
        self.core.tell(Kind.ORIGINATED, call, leg=leg, device=device)
        self.routing.route(call, call.dialled, Role.CALLEE)

    def reject(self, call: Call, leg: Leg) -> None:
        """Declines on all phones of that party; when nobody else rings or waits, the call is over."""
        if leg.state not in RINGING:
            raise WrongState("That phone does not ring for this call")
        self.core.close(leg, Cause.REJECTED)
        if len(call.talking) > 1 or call.in_state(LegState.ALERTING, LegState.QUEUED, LegState.PARKED):
            self.core.tell_cleared(call, [leg])
        else:
            self.core.end(call, Cause.REJECTED)

    def ignore(self, call: Call, leg: Leg, device: Device) -> None:
        """That phone stops ringing; the others go on, and the caller hears no difference."""
        if leg.state is not LegState.ALERTING or device not in leg.devices:
            raise WrongState("That phone does not ring for this call")
        leg.devices.remove(device)
        self.core.tell(Kind.IGNORED, call, leg=leg, device=device)

    def forward(self, call: Call, leg: Leg, target: Party) -> None:
        """Sends on a call that rings or waits here, before anybody answers. Raises WrongState otherwise.

        For a voicemail box, `deposit` of Voicemail.
        """
        if leg.state not in (LegState.ALERTING, LegState.QUEUED) or leg.role is Role.SUPERVISOR:
            raise WrongState("Only a call that rings or waits can be forwarded")
        if target.extension is not None and target.extension is leg.party.extension:
            raise NotDialable("A call can't be forwarded to where it rings")
        self.routing.forward(call, leg, target)

    def pick_up(self, call: Call, extension: Extension, device: Device | None = None) -> Leg:
        """Takes a colleague's ringing or waiting call. Raises WrongState when it neither rings nor waits."""
        waiting = [each for each in call.in_state(LegState.ALERTING, LegState.QUEUED) if each.party.extension]
        ringing = [each for each in waiting if each.role is not Role.SUPERVISOR]
        if not ringing or call.leg_of(extension.id, *TALKING):
            raise WrongState("No colleague's phone rings for this call")
        devices = self.core.phones(extension, device)
        for own in [each for each in ringing if each.party.extension is extension]:
            self.core.close(own, Cause.PICKED_UP)
        leg = self.core.add(call, self.company.party_of(extension), ringing[0].role, LegState.ALERTING, devices)
        self.core.connect(call, leg, devices[0] if devices else None, Cause.PICKED_UP)
        return leg

    def hangup(self, call: Call, leg: Leg) -> None:
        """That party leaves: the end of the call, unless others ring as well or still talk. Raises WrongState when it has left."""
        if not leg.is_live:
            raise WrongState("That party is not on this call")
        if leg.state is LegState.ALERTING:
            self.reject(call, leg)
        else:
            self.core.leave(call, leg)

    def end(self, call: Call, cause: Cause | None = None) -> None:
        """Ends the call for everybody; the cause is by default what ends a call in its state."""
        self.core.end(call, cause)

    def hold(self, call: Call, leg: Leg) -> None:
        """Raises WrongState unless this leg talks with somebody."""
        alone = len(call.talking) < 2 and not call.conference
        if leg.state is not LegState.CONNECTED or leg not in call.talking or alone:
            raise WrongState("Only a connected call can be held")
        leg.state = LegState.HELD
        self.core.tell(Kind.HELD, call, leg=leg, device=leg.device)

    def resume(self, call: Call, leg: Leg | None = None) -> None:
        """Ends this leg's hold, by default everybody's. Raises WrongState when nobody holds."""
        held = [each for each in call.in_state(LegState.HELD) if leg in (None, each)]
        if not held:
            raise WrongState("The call is not on hold")
        for each in held:
            each.state = LegState.CONNECTED
            self.core.tell(Kind.RETRIEVED, call, leg=each, device=each.device)

    def mute(self, call: Call, leg: Leg, *, on: bool) -> None:
        """Raises WrongState unless this leg talks. Muting what is muted changes nothing and tells nothing."""
        if leg.state not in TALKING:
            raise WrongState("Only somebody who talks can be muted")
        if leg.muted is not on:
            leg.muted = on
            self.core.tell(Kind.MUTED if on else Kind.UNMUTED, call, leg=leg, device=leg.device)

    def send_digits(self, call: Call, leg: Leg, digits: str) -> None:
        """DTMF. Raises NotDialable for what is on no telephone's keys."""
        if leg.state is not LegState.CONNECTED:
            raise WrongState("Only somebody who talks can press keys")
        if not digits or set(digits.upper()) - set("0123456789*#ABCD"):
            raise NotDialable("DTMF digits are 0-9, *, # and A-D")
        call.digits.append(Digits(leg.id, digits, self.company.now()))
        self.core.tell(Kind.DIGITS, call, leg=leg, device=leg.device, digits=digits)

    def move(self, call: Call, leg: Leg, device: Device) -> None:
        """Goes on with the call on another phone of the same user ("flip")."""
        if leg.state not in TALKING or leg.device is device:
            raise WrongState("Only a call on another phone can be moved to this one")
        leg.devices = self.core.phones(leg.party.extension, device)
        self.core.tell(Kind.MOVED, call, leg=leg, device=device)

    def _resume_original(self, event: EngineEvent) -> None:
        """When a consultation comes to nothing, its phone goes back to the call that it had put on hold."""
        original = self.company.calls.get(event.call.consultation_for or "")
        if event.kind is not Kind.ENDED or original is None:
            return
        if event.cause not in (Cause.TRANSFERRED, Cause.CONFERENCED) and original.in_state(LegState.HELD):
            self.resume(original)
