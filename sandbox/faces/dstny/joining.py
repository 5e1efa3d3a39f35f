"""What the "Call Control API" does with a call to bring it to others: transfers, and two calls of the same user."""

from typing import Any

from sandbox.engine.events import EngineEvent, Kind, TransferMode
from sandbox.engine.switch import Switch
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.errors import conflict, unknown
from sandbox.faces.dstny.own import OwnCalls
from sandbox.faces.dstny.people import People
from sandbox.faces.dstny.requests import Ask
from sandbox.faces.dstny.views import Views

_TRANSFER_MODES = {
    "BASIC": TransferMode.BLIND,
    "VOICEMAIL": TransferMode.VOICEMAIL,
    "CAMP_ON": TransferMode.CAMP_ON,
    "DIVERSION_BYPASS": TransferMode.BYPASS,
}


class Joining:
    """Each answers the new state of the call in the path."""

    def __init__(self, switch: Switch, people: People, own: OwnCalls, views: Views) -> None:
        self.switch = switch
        self.people = people
        self.own = own
        self.views = views

    def operations(self) -> dict[str, Handler]:
        return {
            "swap": self.swap,
            "transfer": self.transfer,
            "transfer_to_call": self.transfer_to_call,
            "add_to_conference": self.add_to_conference,
            "remove_participant": self.remove_participant,
            "leave_conference": self.leave_conference,
        }

    def swap(self, ask: Ask) -> dict[str, Any]:
        """Holds this call, and retrieves or answers the other."""
        view, leg = self.own.find(ask)
        other, _ = self.own.target(ask)
        self.switch.transfers.swap(view.call, other.call, ask.person.extension.id, leg.device)
        return self.views.render(view)

    def transfer(self, ask: Ask) -> dict[str, Any]:
        """To a number. Unless `blind`, a basic transfer keeps the call until the target answers, and when nobody does."""
        view, leg = self.own.find(ask)
        target = self.people.destination(ask.values.required("destination"))
        kind = ask.values.choice("type", tuple(_TRANSFER_MODES), "BASIC")
        if kind != "BASIC" or ask.values.flag("blind"):
            self.switch.transfers.transfer(view.call, leg, target, _TRANSFER_MODES[kind])
        else:
            with self.views.hiding_new_calls(ask.person):
                onward = self.switch.transfers.consult(view.call, leg, target)
            if onward.ended_at is None:
                self.switch.transfers.to_call(view.call, leg, onward, wait=True)
        return self.views.render(view)

    def transfer_to_call(self, ask: Ask) -> dict[str, Any]:
        """Connects the other parties of two calls. To one that still rings: waits there, or calls the target anew."""
        view, leg = self.own.find(ask)
        other, mine = self.own.target(ask)
        rings = not [each for each in other.call.talking if each is not mine]
        if rings and not ask.values.flag("waitForAnswer"):
            target = other.call.party(mine.role.other)
            self.switch.calls.end(other.call)
            self.switch.transfers.transfer(view.call, leg, target)
        else:
            self.switch.transfers.to_call(view.call, leg, other.call, wait=True)
        return self.views.render(view)

    def add_to_conference(self, ask: Ask) -> dict[str, Any]:
        view, _ = self.own.find(ask)
        other, _ = self.own.target(ask)
        self.switch.conferences.join(view.call, other.call, ask.person.extension.id)
        return self.views.render(view)

    def remove_participant(self, ask: Ask) -> dict[str, Any]:
        view, mine = self.own.find(ask)
        leg = view.call.leg(ask.path["participant"])
        if leg is None or leg is mine or not leg.is_live:
            raise unknown("participantId", ask.path["participant"])
        self.switch.conferences.remove(view.call, leg)
        return self.views.render(view)

    def leave_conference(self, ask: Ask) -> dict[str, Any]:
        """ "Allowing any remaining participants to continue"."""
        view, leg = self.own.find(ask)
        if not view.call.conference:
            raise conflict("The call is not a conference")
        self.switch.calls.hangup(view.call, leg)
        return self.views.render(view)

    def follow(self, event: EngineEvent) -> None:
        """A transfer that waits for its target comes to nothing when the call ends."""
        if event.kind is Kind.ENDED:
            for call in list(self.switch.company.calls.values()):
                if call.completes == event.call.id and self.views.is_hidden(call):
                    self.switch.calls.end(call)
