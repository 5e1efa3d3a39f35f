"""A call as the state machine computes it: legs (CSTA connections), strands (the vendor's own calls), and what follows.

`gc=False` as in `integrations.contract.events`.
"""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct, field

from cti.calls.directory import NOBODY, Person
from integrations.contract.events import Direction, EndReason, LegState, Recording

ALERTING, CONNECTED, HOLD = LegState.ALERTING, LegState.CONNECTED, LegState.HOLD
INITIATED, QUEUED, PARKED, FAIL, NULL = (
    LegState.INITIATED,
    LegState.QUEUED,
    LegState.PARKED,
    LegState.FAIL,
    LegState.NULL,
)
TALKING = frozenset({CONNECTED, HOLD})


class Leg(Struct, gc=False):
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
    muted: bool = False
    device_id: str | None = None
    vendor_leg_id: str | None = None
    """As the vendor names it, where it does."""
    parked_at: str | None = None

    @property
    def live(self) -> bool:
        return self.state not in (NULL, FAIL)

    def enter(self, state: str, *, assumed: bool = False) -> None:
        """Alerting or connected: whatever ended before has begun again."""
        self.state, self.assumed, self.reached = state, assumed, True
        self.left_at = self.end_reason = None

    def leave(self, at: datetime, reason: EndReason) -> None:
        self.state, self.left_at, self.end_reason, self.muted = NULL, at, reason, False


class Connection(Struct, gc=False):
    """A leg as one of the vendor's calls shows it. Whoever is on two of the vendor's calls has two connections in one leg."""

    key: str
    """Whose: the leg's key."""
    strand: str
    vendor_leg_id: str
    inferred: bool
    state: str = INITIATED
    muted: bool = False
    device_id: str | None = None
    parked_at: str | None = None
    reason: EndReason | None = None
    transfer: str = "blind"
    """How, where the reason is TRANSFERRED."""
    left_lately: bool = False
    """It ended since the party came, or came back, to the call."""
    left_holding: bool = False
    """It had the others on hold when it left."""
    order: int = -1

    @property
    def live(self) -> bool:
        return self.state not in (NULL, FAIL)

    @property
    def handed_over(self) -> bool:
        return self.reason is EndReason.TRANSFERRED

    def end(self, reason: EndReason | None) -> None:
        """The vendor shows that it is over, or no longer shows it."""
        if self.live:
            self.left_lately, self.left_holding = True, self.state == HOLD
        self.state, self.reason, self.muted = NULL, reason, False


class TransferTold(Struct, frozen=True, gc=False):
    """A transfer as the vendor told it, its parties resolved."""

    before_from: Person
    before_to: Person
    after_from: Person
    after_to: Person
    initiator: Person | None
    mode: str


class Leaver(Struct, frozen=True, gc=False):
    """Somebody who handed the call over, and what it was before; to whom may be known only later."""

    key: str
    before_from: str
    before_to: str
    mode: str


class StrandState(Struct, gc=False):
    """One of the vendor's calls."""

    started_at: datetime
    direction: Direction | None = None
    ended_at: datetime | None = None
    shown_whole: bool = False


class CallState(Struct, gc=False):
    """A call, folded."""

    legs: dict[str, Leg] = field(default_factory=dict)
    strands: dict[str, StrandState] = field(default_factory=dict)
    connections: dict[tuple[str, str], Connection] = field(default_factory=dict)
    """By the vendor's call and leg, where the vendor shows them."""
    caller: str = NOBODY.key
    callee: str = NOBODY.key
    people: dict[str, Person] = field(default_factory=dict)
    via: Person | None = None
    queue: str | None = None
    """The queue that the call is in, or came through: its leg's key."""
    held: bool = False
    conference: bool = False
    recording: Recording = Recording.OFF
    recording_saved: bool = False
    recording_id: str | None = None
    tags: tuple[str, ...] = ()
    transfers: dict[str, TransferTold] = field(default_factory=dict)
    """By the identity of the event that told, or by the leg that left."""
    leavers: dict[str, Leaver] = field(default_factory=dict)
    """Those whose successor isn't known yet."""
    bridged: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By the identity of the event that told: the vendor's calls that became one."""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: EndReason | None = None

    @property
    def state(self) -> str:
        """The call's own state, derived from its legs."""
        if self.ended_at is not None:
            return "ended"
        states = {leg.state for leg in self.legs.values()}
        others = {leg.state for leg in self.legs.values() if leg.role != "caller"}
        if PARKED in states and CONNECTED not in others:
            return "parked"
        if self.held:
            return "held"
        for state in (CONNECTED, ALERTING, QUEUED):
            if state in others:
                return state.value
        return "connected" if self.answered_at else "initiated"

    @property
    def parked(self) -> Leg | None:
        """The leg that waits in an orbit, while the call is parked."""
        leg = next((leg for leg in self.legs.values() if leg.state == PARKED), None)
        return leg if leg is not None and self.state == "parked" else None

    @property
    def primary(self) -> str | None:
        """The vendor call that the customer's own connection is on, of the live ones if there are any."""
        return self._eldest([key for key, strand in self.strands.items() if strand.ended_at is None] or self.strands)

    @property
    def direction(self) -> Direction:
        caller, callee = self.people.get(self.caller, NOBODY), self.people.get(self.callee, NOBODY)
        if caller.is_agent and callee.is_agent:
            return Direction.INTERNAL
        eldest = self._eldest(self.strands)
        told = self.strands[eldest].direction if eldest else None
        return told or (Direction.OUTBOUND if caller.is_agent else Direction.INBOUND)

    def _eldest(self, strands: Collection[str]) -> str | None:
        if len(strands) <= 1:
            return next(iter(strands), None)
        return min(strands, key=lambda key: _seniority(key, self.strands[key]))


def _seniority(key: str, strand: StrandState) -> tuple[bool, datetime, str]:
    return strand.direction is not Direction.INBOUND, strand.started_at, key
