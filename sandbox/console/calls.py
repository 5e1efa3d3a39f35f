"""What people do with their hands: the control API's `/calls`, `/conferences` and `/parked`.

`extension` is whose phone (internal number or id); without it the party outside, or the phone that talks. `leg` names anybody by
the id of their leg. `device` is one phone of several, by id or name.
"""

from collections.abc import Callable
from typing import Any

from sandbox.console.fields import ControlError, Fields
from sandbox.console.view import show_call
from sandbox.engine.directory import VOICEMAIL, Device, Extension, Party
from sandbox.engine.errors import UnknownLeg, WrongState
from sandbox.engine.events import TransferMode
from sandbox.engine.model import RINGING, Call, Leg, LegState, SupervisionMode
from sandbox.engine.switch import Switch
from sandbox.pbx import Pbx

_ATTENDED = "attended"


def list_calls(pbx: Pbx, fields: Fields) -> Any:
    """The live calls; with `?ended=1` those that ended lately."""
    return [show_call(call) for call in (pbx.company.ended if fields.flag("ended") else pbx.company.calls.values())]


def place_call(pbx: Pbx, fields: Fields) -> Any:
    """`from_extension` dials `to`, or the slot of a parked call; else somebody outside does: `caller`, `name`, or `anonymous`."""
    company = pbx.company
    if "from_extension" in fields:
        extension = fields.extension(company, "from_extension")
        device = _device(fields, extension)
        if parked := pbx.switch.parked.slots.get(fields.text("to")):
            pbx.switch.parked.retrieve(fields.text("to"), extension, device)
            return show_call(parked)
        target = company.party(fields.text("to"))
        return show_call(pbx.switch.calls.dial(company.party_of(extension), target, device=device))
    target = company.party(fields.text("to"))
    name = fields.text("name", "")
    number = "" if fields.flag("anonymous") else company.party(fields.text("caller", "31612345678")).number
    return show_call(pbx.switch.calls.dial(Party(number=number, name=name), target))


def act_on_call(pbx: Pbx, fields: Fields) -> Any:
    """Answers the call; for a consultation, that call."""
    hand = Hand(pbx, fields)
    name = fields.text("action")
    if name not in ACTIONS:
        raise ControlError(f"There is no action {name}; there are {', '.join(sorted(ACTIONS))}")
    made = ACTIONS[name](hand)
    return show_call(made if isinstance(made, Call) else hand.call)


def start_conference(pbx: Pbx, fields: Fields) -> Any:
    """An empty one; calls are brought in by `bring-in`."""
    host = fields.extension(pbx.company, "extension")
    return show_call(pbx.switch.conferences.start(host, _device(fields, host)))


def retrieve_parked(pbx: Pbx, fields: Fields) -> Any:
    """`extension` picks up what is parked at the slot."""
    extension, slot = fields.extension(pbx.company, "extension"), fields.text("slot")
    call = pbx.switch.parked.slots.get(slot)
    pbx.switch.parked.retrieve(slot, extension, _device(fields, extension))
    return show_call(call) if call else {}


class Hand:
    """One action's call, and whose hand it is."""

    def __init__(self, pbx: Pbx, fields: Fields) -> None:
        self.switch: Switch = pbx.switch
        self.company = pbx.company
        self.fields = fields
        self.call = pbx.switch.calls.find(fields.text("call_id"))
        self.extension = fields.extension(pbx.company, "extension") if "extension" in fields else None

    def leg(self, *states: LegState) -> Leg:
        """The one named, or the extension's, or the outside party's. Raises WrongState when it isn't on the call, or not so."""
        if "leg" in self.fields:
            return self._named("leg")
        leg = self.call.leg_of(self.extension.id if self.extension else None, *states)
        if leg is None:
            raise WrongState("That party is not on this call, or not so")
        return leg

    def talker(self) -> Leg:
        """The one named, or the extension's, or whichever phone talks."""
        if "leg" in self.fields:
            return self._named("leg")
        return self.switch.calls.agent_leg(self.call, self.extension.id if self.extension else None)

    def owner(self) -> Extension:
        """Whose phone it is. Raises ControlError when nobody's was named."""
        return self.extension or self.fields.extension(self.company, "extension")

    def target(self) -> Party:
        return self.company.party(self.fields.text("to"))

    def other(self) -> Call:
        """The call that the field `with` names."""
        return self.switch.calls.find(self.fields.text("with"))

    def device(self, extension: Extension | None = None) -> Device | None:
        return _device(self.fields, extension or self.extension)

    def needed_device(self) -> Device:
        device = self.device()
        if device is None:
            raise ControlError("Say which phone: device")
        return device

    def _named(self, name: str) -> Leg:
        leg = self.call.leg(self.fields.text(name))
        if leg is None:
            raise UnknownLeg("Nobody with that leg is on the call")
        return leg


def _device(fields: Fields, extension: Extension | None) -> Device | None:
    if "device" not in fields:
        return None
    name = fields.text("device")
    for each in extension.devices if extension else ():
        if name in (each.id, each.name):
            return each
    raise ControlError(f"There is no phone {name}")


def _forward(hand: Hand) -> None:
    leg = hand.leg(LegState.ALERTING, LegState.QUEUED)
    if hand.fields.text("to") == VOICEMAIL:
        hand.switch.voicemail.deposit(hand.call, leg.party, leg.role)
    else:
        hand.switch.calls.forward(hand.call, leg, hand.target())


def _transfer(hand: Hand) -> Call | None:
    """`mode`: attended, or one of TransferMode. Answers the consultation of an attended one."""
    mode, leg, target = hand.fields.text("mode", TransferMode.BLIND), hand.talker(), hand.target()
    if mode == _ATTENDED:
        return hand.switch.transfers.consult(hand.call, leg, target, hand.device())
    hand.switch.transfers.transfer(hand.call, leg, target, hand.fields.choice("mode", TransferMode, TransferMode.BLIND))
    return None


def _supervise(hand: Hand) -> None:
    """`supervisor` beside the phone of `extension`; again, with another `mode`, changes it."""
    mode = hand.fields.choice("mode", SupervisionMode, SupervisionMode.LISTEN)
    supervisor = hand.fields.extension(hand.company, "supervisor")
    if present := hand.call.leg_of(supervisor.id):
        hand.switch.supervisions.change(hand.call, present, mode)
    else:
        device = hand.device(supervisor)
        hand.switch.supervisions.start(hand.call, hand.talker(), supervisor, mode, device=device)


ACTIONS: dict[str, Callable[[Hand], object]] = {
    "answer": lambda hand: hand.switch.calls.answer(hand.call, hand.leg(*RINGING), hand.device()),
    "reject": lambda hand: hand.switch.calls.reject(hand.call, hand.leg(*RINGING)),
    "ignore": lambda hand: hand.switch.calls.ignore(hand.call, hand.leg(LegState.ALERTING), hand.needed_device()),
    "forward": _forward,
    "pick-up": lambda hand: hand.switch.calls.pick_up(hand.call, hand.owner(), hand.device()),
    "hangup": lambda hand: hand.switch.calls.hangup(hand.call, hand.leg()),
    "hold": lambda hand: hand.switch.calls.hold(hand.call, hand.talker()),
    "resume": lambda hand: hand.switch.calls.resume(hand.call, hand.talker() if hand.extension else None),
    "mute": lambda hand: hand.switch.calls.mute(hand.call, hand.talker(), on=True),
    "unmute": lambda hand: hand.switch.calls.mute(hand.call, hand.talker(), on=False),
    "digits": lambda hand: hand.switch.calls.send_digits(hand.call, hand.talker(), hand.fields.text("digits")),
    "move": lambda hand: hand.switch.calls.move(hand.call, hand.talker(), hand.needed_device()),
    "park": lambda hand: hand.switch.parked.park(hand.call, hand.talker(), hand.fields.optional("slot")),
    "transfer": _transfer,
    "finish-transfer": lambda hand: hand.switch.transfers.complete(hand.call),
    "cancel-transfer": lambda hand: hand.switch.transfers.cancel(hand.call),
    "transfer-to-call": lambda hand: hand.switch.transfers.to_call(
        hand.call, hand.talker(), hand.other(), wait=hand.fields.flag("wait")
    ),
    "swap": lambda hand: hand.switch.transfers.swap(hand.call, hand.other(), hand.owner().id, hand.device()),
    "conference": lambda hand: hand.switch.conferences.join(hand.call, hand.other(), hand.owner().id),
    "bring-in": lambda hand: hand.switch.conferences.bring_in(hand.other(), hand.call, hand.leg()),
    "remove": lambda hand: hand.switch.conferences.remove(hand.call, hand.leg()),
    "supervise": _supervise,
    "start-recording": lambda hand: hand.switch.recordings.start(
        hand.call, hand.extension.id if hand.extension else None
    ),
    "stop-recording": lambda hand: hand.switch.recordings.stop(hand.call),
    "pause-recording": lambda hand: hand.switch.recordings.pause(hand.call),
    "resume-recording": lambda hand: hand.switch.recordings.resume(hand.call),
    "save-recording": lambda hand: hand.switch.recordings.save(hand.call),
    "discard-recording": lambda hand: hand.switch.recordings.discard(hand.call),
}
