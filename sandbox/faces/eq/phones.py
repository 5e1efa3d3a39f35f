""" "Phone" and "Execute Phone Command": a hand at somebody's phone, that can do what its keys can.

What a key does depends on what the phone is doing: hold, mute, headset and speaker go there and back again. Nothing is answered
of it, as a phone says what it thinks of a key on its own display.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sandbox.engine.directory import DeviceKind, Extension
from sandbox.engine.errors import EngineError
from sandbox.engine.model import TALKING, Call, Leg, LegState, Role
from sandbox.engine.switch import Switch
from sandbox.faces.eq.connection import USUAL_MODEL, Connection, Model
from sandbox.faces.eq.dispatch import Handler
from sandbox.faces.eq.errors import invalid, nonexistent
from sandbox.faces.eq.lookup import Lookup
from sandbox.faces.eq.requests import Ask

_DIGITS = {**{each: each for each in "1234567890"}, "star": "*", "pound": "#"}
_BASIC = frozenset(_DIGITS) | {
    *("line1", "line2", "soft_key1", "soft_key2", "soft_key3", "up", "down", "left", "right", "enter", "cancel"),
    *("volume_up", "volume_down", "menu", "messages", "conference", "transfer", "redial", "hold"),
}
_ALL = _BASIC | {"line3", "line4", "soft_key4", "headset", "speaker", "mute", "applications", "directory", "dnd"}
KEYS: dict[Model, frozenset[str]] = {USUAL_MODEL: _ALL, "Grandstream GXP1610": _BASIC}


@dataclass(slots=True)
class Typing:
    """What somebody types before they dial. `transferring`: the call that they want to transfer, by its ID."""

    digits: str = ""
    last: str = ""
    transferring: str | None = None


class Phones:
    """The desk phones of extensions; a softphone can't be pressed from afar."""

    def __init__(self, switch: Switch, connection: Connection, lookup: Lookup) -> None:
        self.switch = switch
        self.company = switch.company
        self.connection = connection
        self.lookup = lookup
        self._typing: dict[str, Typing] = {}

    def operations(self) -> dict[str, Handler]:
        return {"phone": self.phone, "phone_command": self.command}

    def phone(self, ask: Ask) -> dict[str, Any]:
        extension = self.lookup.extension(ask.values, "extension")
        maker, _, model = self._model(extension).partition(" ")
        place = extension.number[-2:].lstrip("0") or "1"
        return {"extension": extension.number, "manufacturer": maker, "model": model, "ipAddress": f"192.0.2.{place}"}

    def command(self, ask: Ask) -> None:
        """Of the phone of an extension, or of a phone "as returned by the phone endpoint"."""
        by_extension = bool(ask.values.text("extension"))
        extension = self.lookup.extension(ask.values if by_extension else ask.values.object("phone"), "extension")
        key = ask.values.required("key")
        if key not in KEYS[self._model(extension)]:
            raise invalid("key", f"The phone has no key {key}")
        with suppress(EngineError):  # nothing happens, as at a real phone
            Hand(self.switch, extension, self._typing.setdefault(extension.id, Typing())).press(key)

    def _model(self, extension: Extension) -> Model:
        """Raises ApiError, "extension not registered or phone type undetectable"."""
        if not any(each.kind is DeviceKind.DESK for each in extension.online):
            raise nonexistent("phone", f"phone at {extension.number}, or none whose type is known")
        return self.connection.phones.get(extension.number, USUAL_MODEL)


class Hand:
    """One press of a key, at one phone."""

    def __init__(self, switch: Switch, extension: Extension, typing: Typing) -> None:
        self.switch = switch
        self.company = switch.company
        self.extension = extension
        self.typing = typing
        legs = [
            (call, leg) for call in self.company.calls.values() for leg in call.live if leg.party.extension is extension
        ]
        self.lines = [(call, leg) for call, leg in legs if leg.role is not Role.SUPERVISOR]

    def press(self, key: str) -> None:
        if key in _DIGITS:
            self._digit(_DIGITS[key])
        elif key.startswith("line"):
            self._line(int(key.removeprefix("line")))
        else:
            actions = {
                "hold": self._hold,
                "mute": self._mute,
                "headset": self._hook,
                "speaker": self._hook,
                "enter": self._enter,
                "cancel": self._cancel,
                "dnd": self._dnd,
                "redial": self._redial,
                "transfer": self._transfer,
                "conference": self._conference,
            }
            actions.get(key, lambda: None)()

    def _find(self, *states: LegState) -> tuple[Call, Leg] | None:
        return next((each for each in self.lines if each[1].state in states), None)

    def _digit(self, digit: str) -> None:
        """Heard by whoever is on the line, else typed."""
        talking = self._find(LegState.CONNECTED)
        if talking:
            self.switch.calls.send_digits(*talking, digit)
        else:
            self.typing.digits += digit

    def _line(self, number: int) -> None:
        if number <= len(self.lines):
            self._take(*self.lines[number - 1])

    def _take(self, call: Call, leg: Leg) -> None:
        """Answers or goes on, and holds whom one talks to."""
        if leg.state in (LegState.ALERTING, LegState.INITIATED):
            self._hold_active()
            self.switch.calls.answer(call, leg)
        elif leg.state is LegState.HELD:
            self._hold_active()
            self.switch.calls.resume(call, leg)

    def _hold(self) -> None:
        if talking := self._find(LegState.CONNECTED):
            self.switch.calls.hold(*talking)
        elif held := self._find(LegState.HELD):
            self.switch.calls.resume(*held)

    def _hold_active(self) -> None:
        if talking := self._find(LegState.CONNECTED):
            self.switch.calls.hold(*talking)

    def _mute(self) -> None:
        if talking := self._find(*TALKING):
            self.switch.calls.mute(*talking, on=not talking[1].muted)

    def _hook(self) -> None:
        """Off the hook: answers, or dials what was typed; on the hook: hangs up."""
        if ringing := self._find(LegState.ALERTING, LegState.INITIATED):
            self._take(*ringing)
        elif self.typing.digits:
            self._dial(self.typing.digits)
        elif talking := self._find(LegState.CONNECTED):
            self.switch.calls.hangup(*talking)

    def _enter(self) -> None:
        if self.typing.digits:
            self._dial(self.typing.digits)
        elif ringing := self._find(LegState.ALERTING, LegState.INITIATED):
            self._take(*ringing)

    def _cancel(self) -> None:
        """What was typed, else what rings, else the call."""
        if self.typing.digits or self.typing.transferring:
            self.typing.digits, self.typing.transferring = "", None
        elif found := self._find(LegState.ALERTING, LegState.INITIATED) or self._find(LegState.CONNECTED):
            self.switch.calls.hangup(*found)

    def _dnd(self) -> None:
        self.switch.lines.change(self.extension, dnd=not self.extension.settings.dnd)

    def _redial(self) -> None:
        if self.typing.last:
            self._dial(self.typing.last)

    def _dial(self, digits: str) -> None:
        """Who is called during a transfer is asked first."""
        held, self.typing.last = self._transferring(), digits
        self.typing.digits, self.typing.transferring = "", None
        target = self.company.party(digits)
        if held is not None:
            self.switch.transfers.consult(*held, target)
        else:
            self._hold_active()
            self.switch.calls.dial(self.company.party_of(self.extension), target)

    def _transfer(self) -> None:
        """Pressed first it holds the call, for somebody to be dialled; then it transfers, to whoever was asked or unasked."""
        if consulted := self._consulted():
            self.switch.transfers.complete(consulted[0])
        elif self.typing.transferring and self.typing.digits:
            held, digits = self._transferring(), self.typing.digits
            self.typing.digits, self.typing.transferring = "", None
            if held is not None:
                self.switch.transfers.transfer(*held, self.company.party(digits))
        elif talking := self._find(LegState.CONNECTED):
            self.switch.calls.hold(*talking)
            self.typing.transferring = talking[0].id

    def _conference(self) -> None:
        if consulted := self._consulted():
            self.switch.conferences.join(*consulted, self.extension.id)

    def _transferring(self) -> tuple[Call, Leg] | None:
        return next((each for each in self.lines if each[0].id == self.typing.transferring), None)

    def _consulted(self) -> tuple[Call, Call] | None:
        """The call, and the one that consults about it."""
        for call, _ in self.lines:
            if consultation := self.switch.transfers.consultation(call):
                return call, consultation
        return None
