"""The calls that the "Call Control API" begins for a user: made, or picked up from somebody else."""

from typing import Any

from sandbox.engine.directory import Device, Party
from sandbox.engine.model import TALKING, Call, LegState, Role, SupervisionMode
from sandbox.engine.switch import Switch
from sandbox.faces.dstny.devices import find_device
from sandbox.faces.dstny.dialogs import DialogId
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.errors import conflict, forbidden, invalid, unknown
from sandbox.faces.dstny.lines import Lines
from sandbox.faces.dstny.own import OwnCalls
from sandbox.faces.dstny.people import People, Person
from sandbox.faces.dstny.requests import Ask, Values
from sandbox.faces.dstny.views import Views
from sandbox.faces.dstny.webhooks import Webhooks, read_target

_CALL_TYPES = ("BASIC", "DIVERSION_BYPASS", "INTRUSION", "INTERCOM", "VOICEMAIL", "BARGE", "WHISPER", "MONITOR")
_SUPERVISIONS = {
    "INTRUSION": SupervisionMode.BARGE,
    "BARGE": SupervisionMode.BARGE,
    "WHISPER": SupervisionMode.WHISPER,
    "MONITOR": SupervisionMode.LISTEN,
}


class Placing:
    """Each answers the state with which the call began for the user."""

    def __init__(
        self, switch: Switch, people: People, lines: Lines, own: OwnCalls, views: Views, webhooks: Webhooks
    ) -> None:
        self.switch = switch
        self.people = people
        self.lines = lines
        self.own = own
        self.views = views
        self.webhooks = webhooks

    def operations(self) -> dict[str, Handler]:
        return {
            "make_call": self.make_call,
            "make_consultation_call": self.make_consultation_call,
            "pickup_ringing": self.pickup_ringing,
            "pickup_dialog": self.pickup_dialog,
        }

    def make_call(self, ask: Ask) -> dict[str, Any]:
        """From one device; answers the state INITIATED, whatever has happened since."""
        device = find_device(ask.person, ask.path["device"])
        kind = ask.values.choice("type", _CALL_TYPES, "BASIC")
        self._check(ask)
        call = self._supervise(ask, device, kind) if kind in _SUPERVISIONS else self._dial(ask, device, kind)
        return self._begun(ask, call)

    def make_consultation_call(self, ask: Ask) -> dict[str, Any]:
        """Holds the call and calls somebody else from the same phone."""
        view, leg = self.own.find(ask)
        target = self.people.destination(ask.values.required("destination"))
        self._check(ask)
        return self._begun(ask, self.switch.transfers.consult(view.call, leg, target))

    def pickup_ringing(self, ask: Ask) -> dict[str, Any]:
        """By the callId of whoever it rings for. "Can only be accessed using service accounts"."""
        if not ask.is_service:
            raise forbidden("Only service accounts pick up by callId")
        device = find_device(ask.person, ask.path["device"])
        return self._pick_up(ask, self.views.anybodys(ask.path["call"]).call, device)

    def pickup_dialog(self, ask: Ask) -> dict[str, Any]:
        """By the SIP dialog of a phone that rings, as the user's dialog events name it."""
        device = find_device(ask.person, ask.path["device"])
        wanted = {ask.values.required("toTag"), ask.values.required("fromTag")}
        for call in self.switch.company.calls.values():
            for leg in call.in_state(LegState.ALERTING, LegState.QUEUED):
                dialog = DialogId.of(leg, self.people.domain)
                same_tags = {dialog.local_tag, dialog.remote_tag} == wanted
                if same_tags and dialog.call_id == ask.values.required("callId"):
                    return self._pick_up(ask, call, device)
        raise unknown("callId", ask.values.required("callId"))

    def _dial(self, ask: Ask, device: Device, kind: str) -> Call:
        """The number of a slot picks up what is parked there; a phone called by INTERCOM answers by itself."""
        destination = ask.values.required("destination")
        slot = self.people.digits(destination)
        if parked := self.switch.parked.slots.get(slot):
            self.own.hold_others(ask.person)
            self.switch.parked.retrieve(slot, ask.person.extension, device)
            return parked
        own, target = self.switch.company.party_of(ask.person.extension), self.people.destination(destination)
        owner = self.people.at(target.extension_id)
        if kind == "VOICEMAIL" and owner is None:
            raise invalid("destination", "Only a user has a voicemail box")
        self.own.hold_others(ask.person)
        if kind == "VOICEMAIL" and owner is not None:
            return self._dial_box(own, owner, device)
        pickup = self.switch.company.behaviour.auto_pickup
        call = self.switch.calls.dial(own, target, pickup=pickup, device=device)
        for leg in call.in_state(LegState.ALERTING) if kind == "INTERCOM" else ():
            self.switch.calls.answer(call, leg)
        return call

    def _dial_box(self, own: Party, owner: Person, device: Device) -> Call:
        """Reaches the voicemail box of somebody, who isn't rung."""
        target = self.switch.company.party_of(owner.extension)
        with self.views.hiding_new_calls(owner):
            call = self.switch.calls.dial(own, target, device=device)
        if call.in_state(LegState.ALERTING):
            self.switch.voicemail.deposit(call, target, Role.CALLEE)
        return call

    def _supervise(self, ask: Ask, device: Device, kind: str) -> Call:
        """Joins the call of a colleague who talks."""
        target = self.people.destination(ask.values.required("destination"))
        for call in self.switch.company.calls.values():
            if leg := call.leg_of(target.extension_id, *TALKING):
                self.own.hold_others(ask.person)
                self.switch.supervisions.start(call, leg, ask.person.extension, _SUPERVISIONS[kind], device=device)
                return call
        raise conflict("The destination is not in a call")

    def _pick_up(self, ask: Ask, call: Call, device: Device) -> dict[str, Any]:
        self._check(ask)
        self.own.hold_others(ask.person)
        self.switch.calls.pick_up(call, ask.person.extension, device)
        return self._begun(ask, call)

    def _begun(self, ask: Ask, call: Call) -> dict[str, Any]:
        """The state with which the user's call began. One that could not be routed has ended already, and is told so."""
        view = self.views.of_call(call, ask.person)
        first, now = view.first or self.views.render(view), self.views.render(view)
        if self.own.watch(ask, view) and first["stateToken"] != now["stateToken"]:
            self.webhooks.send_call(ask.person.id, now, call.id)
        if view.leg is None:
            self.webhooks.end_call(ask.person.id, view.id)
        return first

    def _check(self, ask: Ask) -> None:
        """What can be wrong is said before anything happens.

        A caller ID must be one of the user's lines; the emulated PBX shows the active one whichever is given.
        """
        if ask.values.text("targetUrl"):
            read_target(ask.values)
        if "userLine" in ask.values:
            line = ask.values["userLine"]
            if not isinstance(line, dict):
                raise invalid("userLine", "userLine must be an object")
            self.lines.chosen(ask.person, Values(line))
