"""Calls and their legs. Plain data: the classes beside this module make it move."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.engine.directory import Device, Party
from sandbox.engine.stored import Recording, VoiceMessage


class LegState(StrEnum):
    """CSTA's connection states, and where else a leg can be: parked, or talking to a voicemail box."""

    INITIATED = "initiated"
    ALERTING = "alerting"
    QUEUED = "queued"
    CONNECTED = "connected"
    HELD = "held"
    PARKED = "parked"
    VOICEMAIL = "voicemail"
    ENDED = "ended"


TALKING = (LegState.CONNECTED, LegState.HELD)
RINGING = (LegState.INITIATED, LegState.ALERTING)


class Role(StrEnum):
    """A supervisor listens to a call without being one of its two sides."""

    CALLER = "caller"
    CALLEE = "callee"
    SUPERVISOR = "supervisor"

    @property
    def other(self) -> "Role":
        """The opposite side."""
        return Role.CALLER if self is Role.CALLEE else Role.CALLEE


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class SupervisionMode(StrEnum):
    """Who hears the supervisor: nobody, the agent alone, or everybody."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"


class Cause(StrEnum):
    """Why a leg or a call ended, or why an event happened."""

    HANGUP = "hangup"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    TRANSFERRED = "transferred"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    PICKED_UP = "picked_up"
    FORWARDED = "forwarded"
    DIVERTED = "diverted"
    DO_NOT_DISTURB = "do_not_disturb"
    CONFERENCED = "conferenced"
    REMOVED = "removed"
    PARKED = "parked"
    RECALLED = "recalled"
    CAMP_ON = "camp_on"
    DISTRIBUTED = "distributed"
    ABANDONED = "abandoned"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class Peer:
    """Where somebody's part goes on when it moved to another call."""

    call_id: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class Supervision:
    """What a supervisor's leg does, and to whose leg."""

    mode: SupervisionMode
    leg_id: str


@dataclass(slots=True, eq=False)
class Leg:
    """One party's part in a call. `initiated` is a caller whose own phone still waits to be picked up.

    `devices`: the phones that ring, then the one that was answered; none for people outside, queues and voicemail boxes.
    """

    id: str
    party: Party
    role: Role
    state: LegState
    started_at: float
    devices: list[Device] = field(default_factory=list)
    muted: bool = False
    supervision: Supervision | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    cause: Cause | None = None
    peer: Peer | None = None

    @property
    def device(self) -> Device | None:
        """The phone that it is on; None as long as several ring."""
        return self.devices[0] if len(self.devices) == 1 else None

    @property
    def is_live(self) -> bool:
        return self.state is not LegState.ENDED


@dataclass(frozen=True, slots=True)
class Parking:
    """Where a call is parked, and who gets it back when nobody picks it up."""

    slot: str
    by: Party
    at: float


@dataclass(frozen=True, slots=True)
class Digits:
    """Keys that somebody pressed while they talked."""

    leg_id: str
    digits: str
    at: float


@dataclass(frozen=True, slots=True)
class Diversion:
    """Whom a call was meant for before it went elsewhere."""

    party: Party
    cause: Cause


@dataclass(slots=True, eq=False)
class Call:
    """Everything between its parties. A consultation is a call of its own that names the call it is about."""

    id: str
    direction: Direction
    dialled: Party
    created_at: float
    legs: list[Leg] = field(default_factory=list)
    via: Party | None = None
    consultation_for: str | None = None
    completes: str | None = None
    conference: bool = False
    parking: Parking | None = None
    diversions: list[Diversion] = field(default_factory=list)
    digits: list[Digits] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)
    voicemail: VoiceMessage | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    end_cause: Cause | None = None

    @property
    def live(self) -> list[Leg]:
        return [leg for leg in self.legs if leg.is_live]

    @property
    def participants(self) -> list[Leg]:
        """The live legs but for supervisors'."""
        return [leg for leg in self.live if leg.role is not Role.SUPERVISOR]

    @property
    def talking(self) -> list[Leg]:
        """Those who speak or hold, supervisors aside."""
        return [leg for leg in self.participants if leg.state in TALKING]

    @property
    def is_settled(self) -> bool:
        """Everybody on it talks or holds; nobody rings, waits or is parked."""
        return bool(self.talking) and len(self.talking) == len(self.participants)

    @property
    def recording(self) -> bool:
        """Whether one runs, or is paused."""
        return any(each.is_running for each in self.recordings)

    @property
    def state(self) -> LegState:
        """Derived from the legs: the call is held when a leg holds it, alerting as long as any phone rings."""
        if self.ended_at is not None:
            return LegState.ENDED
        states = {leg.state for leg in self.participants}
        order = ("parked", "held", "voicemail", "alerting", "queued", "initiated")
        for state in map(LegState, order):
            if state in states:
                return state
        return LegState.CONNECTED if len(self.participants) > 1 else LegState.INITIATED

    def party(self, role: Role) -> Party:
        """Who has that role: a phone that speaks before those that ring, then whom the call was meant for."""
        legs = [leg for leg in self.legs if leg.role is role]
        for states in ((*TALKING, LegState.PARKED, LegState.VOICEMAIL), (LegState.INITIATED,)):
            for leg in legs:
                if leg.state in states:
                    return leg.party
        if role is Role.CALLEE:
            return self.dialled
        return legs[-1].party

    @property
    def parties(self) -> "Parties":
        return Parties(self.party(Role.CALLER), self.party(Role.CALLEE))

    def leg_of(self, extension_id: str | None, *states: LegState) -> Leg | None:
        """The live leg of that extension, or of the party outside for None; only in these states where some are given."""
        for leg in self.live:
            if leg.party.extension_id == extension_id and (not states or leg.state in states):
                return leg
        return None

    def leg(self, leg_id: str) -> Leg | None:
        """The leg with that id, ended or not."""
        return next((leg for leg in self.legs if leg.id == leg_id), None)

    def in_state(self, *states: LegState) -> list[Leg]:
        return [leg for leg in self.legs if leg.state in states]


@dataclass(frozen=True, slots=True)
class Parties:
    """Who was talking to whom at some moment."""

    caller: Party
    callee: Party


def live_legs(calls: Iterable[Call], extension_id: str) -> list[Leg]:
    """The legs that this extension has on these calls."""
    return [leg for call in calls for leg in call.live if leg.party.extension_id == extension_id]
