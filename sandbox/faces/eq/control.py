""" "Execute Extension Action", "Execute Call Recording Action", "Execute Call Monitor Action"."""

from sandbox.engine.directory import Extension
from sandbox.engine.model import TALKING, Call, Leg, Role, SupervisionMode
from sandbox.engine.switch import Switch
from sandbox.faces.eq.calls import CallViews
from sandbox.faces.eq.dispatch import Handler
from sandbox.faces.eq.errors import nonexistent
from sandbox.faces.eq.lookup import Lookup
from sandbox.faces.eq.requests import Ask

_MODES = {"spy": SupervisionMode.LISTEN, "whisper": SupervisionMode.WHISPER, "bargeIn": SupervisionMode.BARGE}


class Control:
    """Acts on the calls of an extension; on which one, a channel may say."""

    def __init__(self, switch: Switch, lookup: Lookup, views: CallViews) -> None:
        self.switch = switch
        self.company = switch.company
        self.lookup = lookup
        self.views = views

    def operations(self) -> dict[str, Handler]:
        return {
            "extension_action": self.act,
            "call_recording_action": self.record,
            "call_monitor_action": self.monitor,
        }

    def act(self, ask: Ask) -> None:
        """Parking and transferring need somebody who talks; hanging up also rejects and cancels."""
        action = ask.values.choice("action", ("dial", "blindTransfer", "park", "hangUp"))
        extension = self.lookup.extension(ask.values, "extension")
        match action:
            case "dial":
                self._dial(ask, extension)
            case "blindTransfer":
                self._transfer(ask, extension)
            case "park":
                call, leg = self._own(ask, extension)
                self.switch.parked.park(call, leg)
            case _:
                call, leg = self._own(ask, extension)
                self.switch.calls.hangup(call, leg)

    def record(self, ask: Ask) -> None:
        """ "Manually record, stop recording, or cancel recording for an extension": cancelled, nothing is kept."""
        action = ask.values.choice("action", ("start", "stop", "cancel"))
        extension = self.lookup.extension(ask.values, "extension")
        call, _ = self._talking(extension, "extension")
        match action:
            case "start":
                self.switch.recordings.start(call, extension.id)
            case "stop":
                self.switch.recordings.stop(call)
            case _:
                self.switch.recordings.discard(call)

    def monitor(self, ask: Ask) -> None:
        """The phone of the one who monitors is rung first, unless it goes off-hook by itself."""
        mode = _MODES[ask.values.choice("action", tuple(_MODES))]
        target = self.lookup.extension(ask.values, "targetExtension")
        monitor = self.lookup.extension(ask.values, "monitorExtension")
        call, leg = self._talking(target, "targetExtension")
        if present := call.leg_of(monitor.id, *TALKING):
            self.switch.supervisions.change(call, present, mode)
            return
        pickup = self.company.behaviour.auto_pickup
        self.switch.supervisions.start(call, leg, monitor, mode, auto_answer=pickup)

    def _dial(self, ask: Ask, extension: Extension) -> None:
        """A number of the parking lot picks up what is parked there, as on the phone."""
        destination = ask.values.required("destination")
        if destination in self.switch.parked.slots:
            self.switch.parked.retrieve(destination, extension)
            return
        own, target = self.company.party_of(extension), self.company.party(destination)
        self.switch.calls.dial(own, target, pickup=self.company.behaviour.auto_pickup)

    def _transfer(self, ask: Ask, extension: Extension) -> None:
        target = self.company.party(ask.values.required("destination"))
        call, leg = self._own(ask, extension)
        self.switch.transfers.transfer(call, leg, target)
        self.views.connect(call, target)

    def _own(self, ask: Ask, extension: Extension) -> tuple[Call, Leg]:
        """ "If not specified or blank, first channel found for extension will be used"."""
        wanted = ask.values.text("channel")
        for channel, call, leg in self.lookup.channels.live():
            if leg.party.extension is extension and wanted in ("", channel):
                return call, leg
        raise nonexistent("channel", f"channel {wanted} of {extension.number}")

    def _talking(self, extension: Extension, parameter: str) -> tuple[Call, Leg]:
        for _, call, leg in self.lookup.channels.live():
            if leg.party.extension is extension and leg.state in TALKING and leg.role is not Role.SUPERVISOR:
                return call, leg
        raise nonexistent(parameter, f"call on which {extension.number} talks")
