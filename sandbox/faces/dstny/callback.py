""" "Calls API": calls that ring the user's own phone first, and transfers of calls on a mobile phone."""

import itertools
from dataclasses import dataclass
from typing import Any

from sandbox.engine.directory import DeviceKind, Extension
from sandbox.engine.errors import WrongState
from sandbox.engine.model import Call
from sandbox.engine.switch import Switch
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.errors import conflict, invalid, unknown
from sandbox.faces.dstny.people import People
from sandbox.faces.dstny.requests import Ask, Values
from sandbox.faces.dstny.views import Views
from sandbox.faces.dstny.wire import success

_PLACES = {"mobile": DeviceKind.MOBILE, "softphone": DeviceKind.SOFTPHONE, "deskphone": DeviceKind.DESK}


@dataclass(frozen=True, slots=True)
class MobileTransfer:
    """`call` is the one that is transferred."""

    id: str
    person_id: str
    type: str
    destination: str
    started_at: float
    call: Call


class Callbacks:
    def __init__(self, switch: Switch, people: People, views: Views) -> None:
        self.switch = switch
        self.people = people
        self.views = views
        self._ids = itertools.count(1)
        self._transfers: dict[str, MobileTransfer] = {}

    def operations(self) -> dict[str, Handler]:
        return {
            "callback": self.call,
            "mobile_transfer": self.transfer,
            "mobile_transfers": self.show,
            "cancel_mobile_transfer": self.cancel,
        }

    def call(self, ask: Ask) -> dict[str, Any]:
        """Rings the answerplace; when it is picked up, the contact. `role`, `bypass` and `intrude` make no difference here."""
        kind = _PLACES.get(ask.path["place"])
        if kind is None:
            raise invalid("aptype", f"aptype must be one of {', '.join(_PLACES)}")
        extension = ask.person.extension
        device = next((each for each in extension.devices if each.kind is kind), None)
        if device is None:
            raise unknown("aptype", ask.path["place"])
        for name in ("bypass", "intrude", "callback-via-gsm"):
            ask.values.flag(name)
        target = self.people.destination(ask.path["contact"], "cid")
        own = self.switch.company.party_of(extension)
        call = self.switch.calls.dial(own, target, pickup=False, device=device)
        view = self.views.of_call(call, ask.person)
        return success(view.id)

    def transfer(self, ask: Ask) -> dict[str, Any]:
        """ "The transferred call is … released … as soon as the transfer is initiated", or the destination is consulted first."""
        kind = Values(ask.path).choice("type", ("BLIND_TRANSFER", "ATTENDED_TRANSFER"), "")
        target = self.people.destination(ask.path["destination"])
        call = self._mobile_call(ask.person.extension)
        leg = self.switch.calls.agent_leg(call, ask.person.extension.id)
        if kind == "BLIND_TRANSFER":
            self.switch.transfers.transfer(call, leg, target)
        else:
            self.switch.transfers.consult(call, leg, target)
        now = self.switch.company.now()
        transfer = MobileTransfer(str(next(self._ids)), ask.person.id, kind, ask.path["destination"], now, call)
        self._transfers[ask.person.id] = transfer
        return {"transferId": {"transferStartTime": int(now * 1000), "id": transfer.id}}

    def show(self, ask: Ask) -> dict[str, Any]:
        """The user's last one, as long as its call lasts."""
        transfer = self._current(ask)
        started = int(transfer.started_at * 1000)
        shown = {"transferStartTime": started, "type": transfer.type, "id": transfer.id}
        return {"transferId": shown | {"destination": transfer.destination}}

    def cancel(self, ask: Ask) -> None:
        transfer = self._current(ask)
        if transfer.id != ask.path["transfer"]:
            raise unknown("transferId", ask.path["transfer"])
        try:
            self.switch.transfers.cancel(transfer.call)
        except WrongState as error:
            raise conflict("Only an attended transfer that is under way can be cancelled") from error
        del self._transfers[ask.person.id]

    def _current(self, ask: Ask) -> MobileTransfer:
        transfer = self._transfers.get(ask.person.id)
        if transfer is None or transfer.call.ended_at is not None:
            raise unknown("transferId", ask.path.get("transfer", ""))
        return transfer

    def _mobile_call(self, extension: Extension) -> Call:
        for call in self.switch.company.calls.values():
            for leg in call.talking:
                if leg.party.extension is extension and leg.device and leg.device.kind is DeviceKind.MOBILE:
                    return call
        raise conflict("The user has no call on a mobile phone")
