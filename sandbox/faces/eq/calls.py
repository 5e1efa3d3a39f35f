""" "Active Calls", "Queued Calls", "Parked Calls", "Active Conferences": what there is, stolen and picked up.

The shapes of these objects are not in the document. Whoever called is the caller, whoever they called the destination.
"""

from typing import Any

from sandbox.engine.directory import Extension, Party
from sandbox.engine.errors import NotDialable
from sandbox.engine.model import Call, Leg, LegState, Role
from sandbox.engine.switch import Switch
from sandbox.faces.eq.channels import call_number
from sandbox.faces.eq.dialect import Dialect
from sandbox.faces.eq.dispatch import Handler
from sandbox.faces.eq.errors import nonexistent
from sandbox.faces.eq.lookup import Lookup
from sandbox.faces.eq.requests import Ask

# EQ's words, and Asterisk's for the channel.
_STATES = {
    LegState.INITIATED: ("ringing", "Ringing"),
    LegState.ALERTING: ("ringing", "Ringing"),
    LegState.CONNECTED: ("talking", "Up"),
    LegState.HELD: ("onHold", "Up"),
    LegState.PARKED: ("parked", "Up"),
}
_DIALING = ("dialing", "Ring")


class CallViews:
    """Snapshots: whoever wants to know what has changed must ask again."""

    def __init__(self, switch: Switch, dialect: Dialect, lookup: Lookup) -> None:
        self.switch = switch
        self.company = switch.company
        self.dialect = dialect
        self.lookup = lookup

    def operations(self) -> dict[str, Handler]:
        return {
            "active_calls": self.active,
            "queued_calls": self.queued,
            "steal_queued_call": self.steal,
            "parked_calls": lambda _: [
                self._show_parked(slot, call) for slot, call in self.switch.parked.slots.items()
            ],
            "pick_up_parked_call": self.pick_up,
            "active_conferences": self.conferences,
        }

    def active(self, ask: Ask) -> list[dict[str, Any]]:
        """Of one extension; those in which it spies on somebody as well."""
        extension = self.lookup.extension(ask.values, "extension")
        return [
            self._show(channel, call, leg)
            for channel, call, leg in self.lookup.channels.live()
            if leg.party.extension is extension
        ]

    def queued(self, ask: Ask) -> list[dict[str, Any]]:
        queues = [self.lookup.queue(ask.values, "queue")] if ask.values.text("queue") else self.lookup.queues
        return [
            self._show_queued(queue, call, position)
            for queue in queues
            for position, call in enumerate(self.switch.queues.waiting(queue), start=1)
        ]

    def steal(self, ask: Ask) -> None:
        call, _ = self.lookup.on_channel(ask.values, "channel")
        target = self.company.party(ask.values.required("destination"))
        waiting = call.in_state(LegState.QUEUED)
        if not waiting:
            raise nonexistent("channel", "call in queue on that channel")
        self.switch.calls.forward(call, waiting[0], target)
        self.connect(call, target)

    def pick_up(self, ask: Ask) -> None:
        call, _ = self.lookup.on_channel(ask.values, "channel")
        target = self.company.party(ask.values.required("destination"))
        if call.parking is None:
            raise nonexistent("channel", "parked call on that channel")
        self.switch.parked.send(call.parking.slot, target)
        self.connect(call, target)

    def conferences(self, _: Ask) -> list[dict[str, Any]]:
        return [
            {
                "id": call_number(call),
                "uniqueId": call.id,
                "startTime": int(call.created_at),
                "members": [
                    {**_caller(leg.party), "channel": self.lookup.channels.of(leg), "muted": leg.muted}
                    for leg in call.talking
                ],
            }
            for call in self.company.calls.values()
            if call.conference
        ]

    def connect(self, call: Call, target: Party) -> None:
        """Where the dialect wants it, whoever a call was just sent to has answered already."""
        if self.dialect.target == "connected" and target.extension is not None:
            for leg in [each for each in call.in_state(LegState.ALERTING) if each.party.extension is target.extension]:
                self.switch.calls.answer(call, leg)

    def _show(self, channel: str, call: Call, leg: Leg) -> dict[str, Any]:
        callee = call.party(Role.CALLEE)
        caller = _caller(call.party(Role.CALLER))
        destination = {"destination": number_of(callee), "destinationName": callee.name or None}
        return {
            **self._ids(call, leg),
            "channel": channel,
            "extension": number_of(leg.party),
            "direction": call.direction,
            **({**caller, **destination} if self.dialect.parties == "both" else _caller(_other_side(call, leg))),
            "queue": _queue_of(call),
            "state": self._state(call, leg),
            "startTime": int(leg.started_at),
            "answerTime": int(max(leg.answered_at, call.answered_at)) if leg.answered_at and call.answered_at else None,
            "recording": call.recording,
            "monitoring": leg.supervision.mode if leg.supervision else None,
        }

    def _show_queued(self, queue: Extension, call: Call, position: int) -> dict[str, Any]:
        """The channel is the caller's."""
        (waiting,) = call.in_state(LegState.QUEUED)
        caller = _other(call, waiting.role)
        return {
            **self._ids(call, caller),
            "channel": self.lookup.channels.of(caller),
            "queue": queue.number,
            "queueName": queue.name,
            **_caller(caller.party),
            "position": position,
            "startTime": int(waiting.started_at),
            "ringing": [number_of(each.party) for each in call.in_state(LegState.ALERTING)],
        }

    def _show_parked(self, slot: str, call: Call) -> dict[str, Any]:
        """The channel is that of whoever is parked."""
        (parked,) = call.in_state(LegState.PARKED)
        parking = call.parking
        timeout = self.company.behaviour.park_timeout_s
        return {
            **self._ids(call, parked),
            "channel": self.lookup.channels.of(parked),
            "space": slot,
            **_caller(parked.party),
            "parkedBy": number_of(parking.by) if parking else None,
            "startTime": int(parking.at) if parking else None,
            "timeoutTime": int(parking.at + timeout) if parking else None,
        }

    def _ids(self, call: Call, leg: Leg) -> dict[str, Any]:
        if self.dialect.unique_ids == "channel":
            return {"uniqueId": self.lookup.channels.unique_id(leg)}
        return {"id": call_number(call), "uniqueId": call.id}

    def _state(self, call: Call, leg: Leg) -> str:
        words = _STATES[leg.state]
        alone = not any(
            each is not leg for each in call.in_state(LegState.CONNECTED, LegState.HELD, LegState.VOICEMAIL)
        )
        if leg.state is LegState.CONNECTED and alone and not call.conference and leg.role is not Role.SUPERVISOR:
            words = _DIALING
        return words[self.dialect.states == "asterisk"]


def _caller(party: Party) -> dict[str, Any]:
    """A withheld number is blank."""
    return {"callerId": number_of(party), "callerName": party.name or None}


def number_of(party: Party) -> str:
    """The extension, also of somebody reached by a direct number."""
    return party.extension.number if party.extension else party.number


def _other_side(call: Call, leg: Leg) -> Party:
    """Whom the phone shows; a supervisor's shows the colleague."""
    if leg.supervision and (colleague := call.leg(leg.supervision.leg_id)):
        return colleague.party
    return call.party(leg.role.other)


def _queue_of(call: Call) -> str | None:
    return call.via.number if call.via and call.via.extension and call.via.extension.queue else None


def _other(call: Call, role: Role) -> Leg:
    """Whoever is on the other side of that role: the caller who waits."""
    for leg in call.participants:
        if leg.role is role.other and leg.state is not LegState.ALERTING:
            return leg
    raise NotDialable("Nobody waits in this call")
