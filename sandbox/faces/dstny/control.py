""" "Call Control API": what a user's phones can do. Every operation on a call answers its new state."""

from typing import Any

from sandbox.engine.directory import Device
from sandbox.engine.events import EngineEvent, Kind, TransferMode
from sandbox.engine.model import RINGING, TALKING, Call, Leg, LegState, Role, SupervisionMode
from sandbox.engine.switch import Switch
from sandbox.faces.dstny.devices import find_device
from sandbox.faces.dstny.dialect import Dialect
from sandbox.faces.dstny.dialogs import DialogId
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.errors import ApiError, conflict, forbidden, invalid, unknown
from sandbox.faces.dstny.lines import Lines
from sandbox.faces.dstny.people import People, Person
from sandbox.faces.dstny.requests import Ask, Values
from sandbox.faces.dstny.views import View, Views
from sandbox.faces.dstny.webhooks import Webhooks, read_target

_CALL_TYPES = ("BASIC", "DIVERSION_BYPASS", "INTRUSION", "INTERCOM", "VOICEMAIL", "BARGE", "WHISPER", "MONITOR")
_SUPERVISIONS = {
    "INTRUSION": SupervisionMode.BARGE,
    "BARGE": SupervisionMode.BARGE,
    "WHISPER": SupervisionMode.WHISPER,
    "MONITOR": SupervisionMode.LISTEN,
}
_TRANSFER_MODES = {
    "BASIC": TransferMode.BLIND,
    "VOICEMAIL": TransferMode.VOICEMAIL,
    "CAMP_ON": TransferMode.CAMP_ON,
    "DIVERSION_BYPASS": TransferMode.BYPASS,
}


class Control:
    """An unknown callId is 404, a state in which something can't be done 409, and a stale stateToken as the dialect says."""

    def __init__(
        self, switch: Switch, dialect: Dialect, people: People, lines: Lines, views: Views, webhooks: Webhooks
    ) -> None:
        self.switch = switch
        self.dialect = dialect
        self.people = people
        self.lines = lines
        self.views = views
        self.webhooks = webhooks

    def operations(self) -> dict[str, Handler]:
        return {
            "make_call": self.make_call,
            "make_consultation_call": self.make_consultation_call,
            "answer": self.answer,
            "hang_up": self.hang_up,
            "hold": lambda ask: self._do(ask, self.switch.calls.hold),
            "resume": lambda ask: self._do(ask, self._resume),
            "mute": lambda ask: self._do(ask, lambda call, leg: self.switch.calls.mute(call, leg, on=True)),
            "unmute": lambda ask: self._do(ask, lambda call, leg: self.switch.calls.mute(call, leg, on=False)),
            "park": lambda ask: self._do(ask, self.switch.parked.park),
            "move": lambda ask: self._do(
                ask, lambda call, leg: self.switch.calls.move(call, leg, find_device(ask.person, ask.path["device"]))
            ),
            "send_dtmf": lambda ask: self._do(
                ask, lambda call, leg: self.switch.calls.send_digits(call, leg, ask.values.required("digits"))
            ),
            "swap": self.swap,
            "transfer": self.transfer,
            "transfer_to_call": self.transfer_to_call,
            "add_to_conference": self.add_to_conference,
            "remove_participant": self.remove_participant,
            "leave_conference": self.leave_conference,
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
        view, leg = self.own(ask)
        target = self.people.destination(ask.values.required("destination"))
        self._check(ask)
        return self._begun(ask, self.switch.transfers.consult(view.call, leg, target))

    def answer(self, ask: Ask) -> dict[str, Any]:
        view, leg = self.own(ask)
        device = find_device(ask.person, ask.path["device"])
        if leg.state not in RINGING or device not in self.views.renderer.answerable(leg):
            raise conflict("That device does not ring for this call, or can't be answered from here")
        self._check(ask)
        self._hold_others(ask.person)
        self.switch.calls.answer(view.call, leg, device)
        self._watch(ask, view)
        return self.views.render(view)

    def hang_up(self, ask: Ask) -> None:
        """Clears, rejects or cancels; a conference ends for everybody."""
        view, leg = self.own(ask)
        if view.call.conference:
            self.switch.calls.end(view.call)
        else:
            self.switch.calls.hangup(view.call, leg)

    def swap(self, ask: Ask) -> dict[str, Any]:
        """Holds this call, and retrieves or answers the other."""
        view, leg = self.own(ask)
        other, _ = self._target(ask)
        self.switch.transfers.swap(view.call, other.call, ask.person.extension.id, leg.device)
        return self.views.render(view)

    def transfer(self, ask: Ask) -> dict[str, Any]:
        """To a number. Unless `blind`, a basic transfer keeps the call until the target answers, and when nobody does."""
        view, leg = self.own(ask)
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
        view, leg = self.own(ask)
        other, own = self._target(ask)
        rings = not [each for each in other.call.talking if each is not own]
        if rings and not ask.values.flag("waitForAnswer"):
            target = other.call.party(own.role.other)
            self.switch.calls.end(other.call)
            self.switch.transfers.transfer(view.call, leg, target)
        else:
            self.switch.transfers.to_call(view.call, leg, other.call, wait=True)
        return self.views.render(view)

    def add_to_conference(self, ask: Ask) -> dict[str, Any]:
        view, _ = self.own(ask)
        other, _ = self._target(ask)
        self.switch.conferences.join(view.call, other.call, ask.person.extension.id)
        return self.views.render(view)

    def remove_participant(self, ask: Ask) -> dict[str, Any]:
        view, own = self.own(ask)
        leg = view.call.leg(ask.path["participant"])
        if leg is None or leg is own or not leg.is_live:
            raise unknown("participantId", ask.path["participant"])
        self.switch.conferences.remove(view.call, leg)
        return self.views.render(view)

    def leave_conference(self, ask: Ask) -> dict[str, Any]:
        """ "Allowing any remaining participants to continue"."""
        view, leg = self.own(ask)
        if not view.call.conference:
            raise conflict("The call is not a conference")
        self.switch.calls.hangup(view.call, leg)
        return self.views.render(view)

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

    def follow(self, event: EngineEvent) -> None:
        """A transfer that waits for its target comes to nothing when the call ends."""
        if event.kind is Kind.ENDED:
            for call in list(self.switch.company.calls.values()):
                if call.completes == event.call.id and self.views.is_hidden(call):
                    self.switch.calls.end(call)

    def own(self, ask: Ask) -> tuple[View, Leg]:
        """The user's call, and their part in it. Raises ApiError: 404, or for a stateToken that doesn't match."""
        view = self.views.find(ask.person, ask.path["call"])
        self._check_token(view, ask.values.number("stateToken"))
        return view, _leg(view)

    def _target(self, ask: Ask) -> tuple[View, Leg]:
        """The call that targetCallId names."""
        view = self.views.find(ask.person, ask.values.required("targetCallId"))
        self._check_token(view, ask.values.number("targetStateToken"))
        return view, _leg(view)

    def _check_token(self, view: View, token: int | None) -> None:
        """ "If not matching, the request will fail"."""
        if token is not None and token != view.token:
            description = "The state has changed since"
            raise ApiError(self.dialect.stale_token, "state.token.mismatch", description, "stateToken", str(token))

    def _do(self, ask: Ask, action: Any) -> dict[str, Any]:
        """One action on the user's part of a call."""
        view, leg = self.own(ask)
        action(view.call, leg)
        return self.views.render(view)

    def _resume(self, call: Call, leg: Leg) -> None:
        """A phone talks on one call at a time."""
        self.switch.calls.leg(call, leg.party.extension_id, LegState.HELD)
        person = self.people.at(leg.party.extension_id)
        if person is not None:
            self._hold_others(person)
        self.switch.calls.resume(call, leg)

    def _dial(self, ask: Ask, device: Device, kind: str) -> Call:
        """The number of a slot picks up what is parked there; VOICEMAIL reaches the box at once; INTERCOM answers by itself."""
        destination = ask.values.required("destination")
        slot = self.people.digits(destination)
        if parked := self.switch.parked.slots.get(slot):
            self._hold_others(ask.person)
            self.switch.parked.retrieve(slot, ask.person.extension, device)
            return parked
        own, target = self.switch.company.party_of(ask.person.extension), self.people.destination(destination)
        self._hold_others(ask.person)
        pickup = self.switch.company.behaviour.auto_pickup
        call = self.switch.calls.dial(own, target, pickup=pickup, device=device)
        if kind == "VOICEMAIL" and call.in_state(LegState.ALERTING):
            self.switch.voicemail.deposit(call, target, Role.CALLEE)
        for leg in call.in_state(LegState.ALERTING) if kind == "INTERCOM" else ():
            self.switch.calls.answer(call, leg)
        return call

    def _supervise(self, ask: Ask, device: Device, kind: str) -> Call:
        """Joins the call of a colleague who talks."""
        target = self.people.destination(ask.values.required("destination"))
        for call in self.switch.company.calls.values():
            if leg := call.leg_of(target.extension_id, *TALKING):
                self._hold_others(ask.person)
                self.switch.supervisions.start(call, leg, ask.person.extension, _SUPERVISIONS[kind], device=device)
                return call
        raise conflict("The destination is not in a call")

    def _pick_up(self, ask: Ask, call: Call, device: Device) -> dict[str, Any]:
        self._check(ask)
        self._hold_others(ask.person)
        self.switch.calls.pick_up(call, ask.person.extension, device)
        return self._begun(ask, call)

    def _begun(self, ask: Ask, call: Call) -> dict[str, Any]:
        """The state with which the user's call began. One that could not be routed has ended already, and is told so."""
        view = self.views.of_call(call, ask.person)
        first, now = view.first or self.views.render(view), self.views.render(view)
        if self._watch(ask, view) and first["stateToken"] != now["stateToken"]:
            self.webhooks.send_call(ask.person.id, now, call.id)
        if view.leg is None:
            self.webhooks.end_call(ask.person.id, view.id)
        return first

    def _watch(self, ask: Ask, view: View) -> bool:
        """ "The webhook url to monitor the call state for this call", where one is given."""
        if not ask.values.text("targetUrl"):
            return False
        self.webhooks.add("call", ask.person.id, ask.values, view.id)
        return True

    def _hold_others(self, person: Person) -> None:
        """The phone puts on hold whom it talks to before it turns to somebody else."""
        for view in self.views.of(person):
            if view.leg and view.leg.state is LegState.CONNECTED and view.shown["status"] == "ACTIVE":
                self.switch.calls.hold(view.call, view.leg)

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


def _leg(view: View) -> Leg:
    if view.leg is None:
        raise unknown("callId", view.id)
    return view.leg
