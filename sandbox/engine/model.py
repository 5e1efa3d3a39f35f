"""What a PBX is made of. Plain data; `switch.py` makes it move."""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class CallerId:
    """A number that an extension may show to those it calls."""

    id: str
    number: str


@dataclass(slots=True, eq=False)
class Extension:
    """A user's line, or a dialplan that rings the lines of its members. Numbers are digits only, external ones E.164."""

    id: str
    number: str
    name: str
    external_number: str | None = None
    members: tuple[str, ...] = ()
    caller_ids: tuple[CallerId, ...] = ()
    caller_id: str | None = None

    @property
    def is_dialplan(self) -> bool:
        return bool(self.members)

    @property
    def shown_number(self) -> str | None:
        """The external number that those it calls see."""
        return next((each.number for each in self.caller_ids if each.id == self.caller_id), None)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in at the vendor's consent page."""

    email: str
    password: str
    extension_id: str
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody on a call: an extension (reached by `number`) or somebody outside. Anonymous: without a number."""

    number: str = ""
    name: str = ""
    extension: Extension | None = None

    @property
    def extension_id(self) -> str | None:
        return self.extension.id if self.extension else None


class LegState(StrEnum):
    INITIATED = "initiated"
    ALERTING = "alerting"
    CONNECTED = "connected"
    HELD = "held"
    ENDED = "ended"


class Role(StrEnum):
    CALLER = "caller"
    CALLEE = "callee"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


@dataclass(slots=True, eq=False)
class Leg:
    """One phone's part in a call. `initiated` is a caller whose own phone still waits to be picked up."""

    id: str
    party: Party
    role: Role
    state: LegState


@dataclass(slots=True, eq=False)
class Call:
    """Everything between two parties. A consultation is a call of its own that names the call it is about."""

    id: str
    direction: Direction
    dialled: Party
    created_at: float
    legs: list[Leg] = field(default_factory=list)
    via: Party | None = None
    recording: bool = False
    consultation_for: str | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    end_cause: str | None = None

    @property
    def live(self) -> list[Leg]:
        return [leg for leg in self.legs if leg.state is not LegState.ENDED]

    @property
    def state(self) -> LegState:
        """Derived from the legs: the call is held when a leg holds it, alerting as long as any phone rings."""
        states = {leg.state for leg in self.live}
        if self.ended_at is not None:
            return LegState.ENDED
        for state in (LegState.HELD, LegState.ALERTING, LegState.INITIATED):
            if state in states:
                return state
        return LegState.CONNECTED if len(self.live) > 1 else LegState.INITIATED

    def party(self, role: Role) -> Party:
        """Who has that role: a phone that speaks before those that ring, then whom the call was meant for."""
        legs = [leg for leg in self.legs if leg.role is role]
        for states in ((LegState.CONNECTED, LegState.HELD), (LegState.INITIATED,)):
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


class Kind(StrEnum):
    CREATED = "created"
    ALERTING = "alerting"
    ANSWERED = "answered"
    HELD = "held"
    RETRIEVED = "retrieved"
    RECORDING_STARTED = "recording_started"
    RECORDING_STOPPED = "recording_stopped"
    BRIDGED = "bridged"
    TRANSFERRED = "transferred"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Parties:
    """Who was talking to whom at some moment."""

    caller: Party
    callee: Party


@dataclass(frozen=True, slots=True)
class Transfer:
    """How a transfer changed a call."""

    before: Parties
    after: Parties
    initiator: Party
    attended: bool


@dataclass(frozen=True, slots=True)
class EngineEvent:
    """Something that happened to a call, with who was on it then. Listeners are called in order, at once."""

    kind: Kind
    call: Call
    at: float
    parties: Parties
    leg: Leg | None = None
    cause: str | None = None
    transfer: Transfer | None = None
    consultation: Call | None = None

    @property
    def involved(self) -> tuple[Parties, ...]:
        """Everybody whom it concerns: those before and after a transfer, those of both bridged calls."""
        if self.transfer is not None:
            return (self.transfer.before, self.transfer.after)
        if self.consultation is not None:
            return (self.parties, self.consultation.parties)
        return (self.parties,)
