"""Parking: a call waits in a slot that the whole company sees, until somebody picks it up or it rings back."""

from sandbox.engine.core import Core
from sandbox.engine.directory import Device, Extension, Party
from sandbox.engine.errors import UnknownSlot, WrongState
from sandbox.engine.events import Kind
from sandbox.engine.model import Call, Cause, Leg, LegState, Parking
from sandbox.engine.routing import Routing


class Parked:
    """The company's slots (orbits)."""

    def __init__(self, core: Core, routing: Routing) -> None:
        self.core = core
        self.routing = routing
        self.company = core.company

    @property
    def slots(self) -> dict[str, Call]:
        """What is parked where."""
        return {call.parking.slot: call for call in self.company.calls.values() if call.parking}

    def park(self, call: Call, leg: Leg, slot: str | None = None) -> str:
        """This phone leaves the call in the slot, by default the first that is free; answers it.

        Raises UnknownSlot, and WrongState for a taken slot or a call of other than two who talk.
        """
        taken = self.slots
        slot = slot or next((each for each in self.company.orbits if each not in taken), None)
        if slot is None or slot in taken:
            raise WrongState("The slot is taken" if slot else "Every slot is taken")
        if slot not in self.company.orbits:
            raise UnknownSlot(f"There is no slot {slot}")
        others = [each for each in call.talking if each is not leg]
        if leg not in call.talking or len(others) != 1 or not call.is_settled:
            raise WrongState("Only a call of two who talk can be parked")
        parked = others[0]
        call.parking = Parking(slot, leg.party, self.company.now())
        self.core.close(leg, Cause.PARKED)
        parked.state = LegState.PARKED
        self.core.tell(Kind.PARKED, call, leg=leg, cause=Cause.PARKED)
        self.core.later(self.company.behaviour.park_timeout_s, call, parked, lambda: self._recall(call, parked))
        return slot

    def retrieve(self, slot: str, extension: Extension, device: Device | None = None) -> Leg:
        """Picks up what is parked there; answers the new leg. Raises UnknownSlot when nothing is."""
        call = self.slots.get(slot)
        if call is None:
            raise UnknownSlot(f"Nothing is parked at {slot}")
        devices = self.core.phones(extension, device)
        parked = call.in_state(LegState.PARKED)[0]
        if parked.party.extension is extension:
            raise WrongState("That phone is parked there itself")
        party, role = self.company.party_of(extension), parked.role.other
        leg = self.core.add(call, party, role, LegState.ALERTING)
        self.core.connect(call, leg, devices[0] if devices else None, Cause.PICKED_UP)
        return leg

    def send(self, slot: str, target: Party) -> None:
        """Takes the call out of the slot and rings the target with it. Raises UnknownSlot when nothing is parked there."""
        call = self.slots.get(slot)
        if call is None:
            raise UnknownSlot(f"Nothing is parked at {slot}")
        parked = call.in_state(LegState.PARKED)[0]
        if parked.party.extension is not None and parked.party.extension is target.extension:
            raise WrongState("That phone is parked there itself")
        recalled = call.in_state(LegState.ALERTING)
        for leg in recalled:
            self.core.close(leg, Cause.PICKED_UP)
        self.core.unpark(call)
        self.core.tell_cleared(call, recalled)
        self.routing.route(call, target, parked.role.other)

    def _recall(self, call: Call, parked: Leg) -> None:
        """Nobody came: it rings at whoever parked it, and stays parked meanwhile."""
        if call.parking is None or call.parking.by.extension is None:
            return
        parker = call.parking.by
        devices = parker.extension.online if parker.extension else []
        leg = self.core.add(call, parker, parked.role.other, LegState.ALERTING, devices)
        self.core.tell(Kind.ALERTING, call, leg=leg, cause=Cause.RECALLED)
        seconds = self.company.behaviour.ring_timeout_s
        self.core.later(seconds, call, leg, lambda: self.core.end(call, Cause.NO_ANSWER))
