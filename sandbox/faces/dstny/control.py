""" "Call Control API": what a user does with a call of theirs. `placing.py` begins calls, `joining.py` brings them to others."""

from collections.abc import Callable
from typing import Any

from sandbox.engine.model import RINGING, Call, Leg, LegState
from sandbox.engine.switch import Switch
from sandbox.faces.dstny.devices import find_device
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.errors import conflict
from sandbox.faces.dstny.own import OwnCalls
from sandbox.faces.dstny.requests import Ask
from sandbox.faces.dstny.views import Views
from sandbox.faces.dstny.webhooks import read_target


class Control:
    """Each answers the call's new state, but for hanging up."""

    def __init__(self, switch: Switch, own: OwnCalls, views: Views) -> None:
        self.switch = switch
        self.own = own
        self.views = views

    def operations(self) -> dict[str, Handler]:
        calls = self.switch.calls
        return {
            "answer": self.answer,
            "hang_up": self.hang_up,
            "hold": lambda ask: self._do(ask, calls.hold),
            "resume": self.resume,
            "mute": lambda ask: self._do(ask, lambda call, leg: calls.mute(call, leg, on=True)),
            "unmute": lambda ask: self._do(ask, lambda call, leg: calls.mute(call, leg, on=False)),
            "park": lambda ask: self._do(ask, self.switch.parked.park),
            "move": self.move,
            "send_dtmf": self.send_dtmf,
        }

    def answer(self, ask: Ask) -> dict[str, Any]:
        view, leg = self.own.find(ask)
        device = find_device(ask.person, ask.path["device"])
        if leg.state not in RINGING or device not in self.views.renderer.answerable(leg):
            raise conflict("That device does not ring for this call, or can't be answered from here")
        if ask.values.text("targetUrl"):
            read_target(ask.values)  # what is wrong with it is said before anything happens
        self.own.hold_others(ask.person)
        self.switch.calls.answer(view.call, leg, device)
        self.own.watch(ask, view)
        return self.views.render(view)

    def hang_up(self, ask: Ask) -> None:
        """Clears, rejects or cancels; a conference ends for everybody."""
        view, leg = self.own.find(ask)
        if view.call.conference:
            self.switch.calls.end(view.call)
        else:
            self.switch.calls.hangup(view.call, leg)

    def resume(self, ask: Ask) -> dict[str, Any]:
        """A phone talks on one call at a time."""
        view, leg = self.own.find(ask)
        if leg.state is not LegState.HELD:
            raise conflict("The call is not on hold")
        self.own.hold_others(ask.person)
        self.switch.calls.resume(view.call, leg)
        return self.views.render(view)

    def move(self, ask: Ask) -> dict[str, Any]:
        device = find_device(ask.person, ask.path["device"])
        return self._do(ask, lambda call, leg: self.switch.calls.move(call, leg, device))

    def send_dtmf(self, ask: Ask) -> dict[str, Any]:
        digits = ask.values.required("digits")
        return self._do(ask, lambda call, leg: self.switch.calls.send_digits(call, leg, digits))

    def _do(self, ask: Ask, action: Callable[[Call, Leg], Any]) -> dict[str, Any]:
        """One action on the user's part of a call."""
        view, leg = self.own.find(ask)
        action(view.call, leg)
        return self.views.render(view)
