"""Asterisk's names for the parts that parties have in calls: "SIP/502-0000002a"."""

import itertools
from collections import deque
from collections.abc import Iterator

from sandbox.engine.company import Company
from sandbox.engine.events import EngineEvent, Kind
from sandbox.engine.model import Call, Leg, LegState

_TRUNK = "trunk"
_ENDED_KEPT = 1000
# Callers who wait, and those who listen to nobody's phone but a voicemail box, are with Asterisk itself.
_WITHOUT = (LegState.QUEUED, LegState.VOICEMAIL)


class Channels:
    """Follows the engine. Whoever is taken from one call to another keeps their channel."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self._names: dict[str, str] = {}
        self._ended: deque[str] = deque()
        self._numbers = itertools.count(1)
        self._calls = itertools.count(1)

    def new_call_id(self) -> str:
        """Asterisk's unique ID: when the call began, and how many there were before."""
        return f"{int(self.company.now())}.{next(self._calls)}"

    def of(self, leg: Leg) -> str:
        if leg.id not in self._names:
            number = leg.party.extension.number if leg.party.extension else _TRUNK
            self._names[leg.id] = f"SIP/{number}-{next(self._numbers):08x}"
        return self._names[leg.id]

    def unique_id(self, leg: Leg) -> str:
        """Asterisk's, of the channel alone."""
        return f"{int(leg.started_at)}.{int(self.of(leg).rpartition('-')[2], 16)}"

    def unique_ids(self, call: Call) -> list[str]:
        """All that the call is known by."""
        return [call.id, *(self.unique_id(leg) for leg in call.legs if leg.id in self._names)]

    def live(self) -> Iterator[tuple[str, Call, Leg]]:
        """Every channel that there is now."""
        for call in self.company.calls.values():
            for leg in call.live:
                if leg.state not in _WITHOUT:
                    yield self.of(leg), call, leg

    def find(self, channel: str) -> tuple[Call, Leg] | None:
        """The call with that channel, and whose channel it is."""
        return next(((call, leg) for name, call, leg in self.live() if name == channel), None)

    def follow(self, event: EngineEvent) -> None:
        """The engine's listener: names in the order in which phones ring, and channels that go on in another call."""
        for call in (event.call, event.consultation):
            for leg in call.legs if call else []:
                if leg.peer and leg.id in self._names:
                    self._names[leg.peer.leg_id] = self._names.pop(leg.id)
                elif leg.is_live and leg.state not in _WITHOUT:
                    self.of(leg)
        if event.kind is Kind.ENDED:
            self._ended.extend(leg.id for leg in event.call.legs)
            while len(self._ended) > _ENDED_KEPT:
                self._names.pop(self._ended.popleft(), None)


def call_number(call: Call) -> int:
    """EQ's own ID of a call, beside Asterisk's unique one."""
    return int(call.id.partition(".")[2])
