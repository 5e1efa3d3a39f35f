"""A small company on a clock that the test moves, and a record of everything that it tells."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.engine.company import Company
from sandbox.engine.directory import Agent, AgentState, Device, DeviceKind, Extension, Party, Queue, QueueSettings
from sandbox.engine.events import EngineEvent, LineEvent
from sandbox.engine.model import Call, Leg, LegState
from sandbox.engine.switch import Switch

CUSTOMER = Party(number="31612345678", name="Jan Jansen")
OTHER_CUSTOMER = Party(number="31687654321", name="Zoë Maas")


@dataclass
class Clock:
    """Time stands still until `pass_` lets it go by; what is due happens then, in order."""

    now: float = 1000.0
    due: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        self.due.append((self.now + seconds, act))

    def pass_(self, seconds: float) -> None:
        end = self.now + seconds
        while ready := [each for each in self.due if each[0] <= end]:
            first = min(ready, key=lambda each: each[0])
            self.due.remove(first)
            self.now = max(self.now, first[0])
            first[1]()
        self.now = end


class Office:
    """Ann 101, Bob 102, Cor 103, Dee 104, with a desk phone and a softphone each; ring group 200; queue 300 with Ann and Bob."""

    def __init__(self) -> None:
        self.clock = Clock()
        lines = {number: _line(number, name) for number, name in _PEOPLE.items()}
        group = Extension("group", "200", "Sales", "31205550100", members=("101", "102"))
        agents = {each: Agent(each, AgentState.READY) for each in ("101", "102")}
        queue = Extension("queue", "300", "Helpdesk", "31205550130", queue=Queue(agents, QueueSettings(wrap_up_s=10)))
        extensions = {each.id: each for each in (*lines.values(), group, queue)}
        self.company = Company("office", "Office", extensions, ())
        self.company.now = lambda: self.clock.now
        self.company.call_later = self.clock.later
        self.switch = Switch(self.company)
        self.events: list[EngineEvent] = []
        self.line_events: list[LineEvent] = []
        self.company.listeners.append(self.events.append)
        self.company.line_listeners.append(self.line_events.append)

    def line(self, number: str) -> Extension:
        extension = self.company.extension(number)
        assert extension is not None
        return extension

    def party(self, number: str) -> Party:
        return self.company.party(number)

    def ring(self, to: str, caller: Party = CUSTOMER) -> Call:
        """A customer, or a colleague, calls."""
        return self.switch.calls.dial(caller, self.party(to))

    def talk(self, with_: str, caller: Party = CUSTOMER) -> Call:
        """The same, answered."""
        call = self.ring(with_, caller)
        self.switch.calls.answer(call, self.leg(call, with_))
        return call

    def leg(self, call: Call, number: str | None) -> Leg:
        """The live leg of an extension, by internal number, or of whoever is outside."""
        return self.switch.calls.leg(call, self.line(number).id if number else None)

    def told(self) -> list[str]:
        """What was told since last time: `kind who cause`, of line events `kind who`."""
        told = [_words(event) for event in self.events]
        self.events.clear()
        return told

    def states(self, call: Call) -> dict[str, LegState]:
        """Every live leg's state, by number."""
        return {leg.party.number: leg.state for leg in call.live}


_PEOPLE = {"101": "Ann", "102": "Bob", "103": "Cor", "104": "Dee"}


def _line(number: str, name: str) -> Extension:
    desk = Device(f"{number}-desk", "Desk phone")
    soft = Device(f"{number}-soft", "Softphone", DeviceKind.SOFTPHONE)
    return Extension(number, number, name, devices=(desk, soft))


def _words(event: EngineEvent) -> str:
    words = [event.kind.value]
    if event.leg is not None:
        words.append(event.leg.party.number)
    if event.cause is not None:
        words.append(event.cause.value)
    return " ".join(words)
