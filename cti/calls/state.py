"""A call as the state machine computes it: legs (CSTA connections), strands (the vendor's own calls), and what follows."""

from datetime import datetime

from msgspec import Struct, field

from cti.calls.directory import NOBODY, Person
from integrations.contract.events import Direction, EndReason

ALERTING, CONNECTED, HOLD, INITIATED, NULL = "alerting", "connected", "hold", "initiated", "null"


class Leg(Struct):
    """A CSTA connection of one party to the call."""

    person: Person
    role: str
    state: str
    strands: set[str]
    joined_at: datetime
    answered_at: datetime | None = None
    left_at: datetime | None = None
    end_reason: EndReason | None = None
    reached: bool = False
    """It rang or talked, so it is a party and not just a number that was dialled."""
    assumed: bool = False
    """Connected because a transfer says so; an alerting that follows is the better word."""

    @property
    def live(self) -> bool:
        return self.state != NULL

    def enter(self, state: str, *, assumed: bool = False) -> None:
        """Alerting or connected: whatever ended before has begun again."""
        self.state, self.assumed, self.reached = state, assumed, True
        self.left_at = self.end_reason = None

    def leave(self, at: datetime, reason: EndReason) -> None:
        self.state, self.left_at, self.end_reason = NULL, at, reason


class TransferTold(Struct, frozen=True):
    """A transfer as the vendor told it, its parties resolved."""

    before_from: Person
    before_to: Person
    after_from: Person
    after_to: Person
    initiator: Person | None
    mode: str


class StrandState(Struct):
    """One of the vendor's calls."""

    started_at: datetime
    direction: Direction | None = None
    ended_at: datetime | None = None


class CallState(Struct):
    """A call, folded."""

    legs: dict[str, Leg] = field(default_factory=dict)
    strands: dict[str, StrandState] = field(default_factory=dict)
    caller: str = NOBODY.key
    callee: str = NOBODY.key
    people: dict[str, Person] = field(default_factory=dict)
    via: Person | None = None
    held: bool = False
    recording: bool = False
    transfers: dict[str, TransferTold] = field(default_factory=dict)
    """By the identity of the event that told."""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: EndReason | None = None

    @property
    def state(self) -> str:
        """The call's own state, derived from its legs."""
        if self.ended_at is not None:
            return "ended"
        if self.held:
            return "held"
        others = [leg.state for leg in self.legs.values() if leg.role != "caller"]
        if CONNECTED in others:
            return "connected"
        if ALERTING in others:
            return "alerting"
        return "connected" if self.answered_at else "initiated"

    @property
    def primary(self) -> str | None:
        """The vendor call that the customer's own connection is on, of the live ones if there are any."""
        live = {key: strand for key, strand in self.strands.items() if strand.ended_at is None} or self.strands
        return min(live, key=lambda key: _seniority(key, live[key]), default=None)

    @property
    def direction(self) -> Direction:
        caller, callee = self.people.get(self.caller, NOBODY), self.people.get(self.callee, NOBODY)
        if caller.is_agent and callee.is_agent:
            return Direction.INTERNAL
        eldest = min(self.strands, key=lambda key: _seniority(key, self.strands[key]), default=None)
        told = self.strands[eldest].direction if eldest else None
        return told or (Direction.OUTBOUND if caller.is_agent else Direction.INBOUND)


def _seniority(key: str, strand: StrandState) -> tuple[bool, datetime, str]:
    return strand.direction is not Direction.INBOUND, strand.started_at, key
