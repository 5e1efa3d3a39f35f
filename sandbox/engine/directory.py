"""Who and what belongs to a company: extensions, their phones and settings, queues and their agents. Plain data."""

from dataclasses import dataclass, field
from enum import StrEnum

VOICEMAIL = "voicemail"
USUAL_SKILL = 3


@dataclass(frozen=True, slots=True)
class CallerId:
    """A number that an extension may show to those it calls."""

    id: str
    number: str


class DeviceKind(StrEnum):
    DESK = "desk"
    SOFTPHONE = "softphone"
    MOBILE = "mobile"


@dataclass(slots=True, eq=False)
class Device:
    """A phone. `number`: the external one of a mobile phone. An offline phone doesn't ring."""

    id: str
    name: str
    kind: DeviceKind = DeviceKind.DESK
    number: str | None = None
    online: bool = True


@dataclass(slots=True)
class LineSettings:
    """How a user wants to be reached, and what colleagues see of them. Change them through `Lines`, which tells.

    `divert_…`: a number, or VOICEMAIL. With `voicemail` an unanswered call ends there, after `no_answer_s`.
    Without `call_waiting` the line is busy when that many `lines` are in use.
    """

    dnd: bool = False
    divert_always: str | None = None
    divert_busy: str | None = None
    divert_no_answer: str | None = None
    no_answer_s: float = 20.0
    voicemail: bool = False
    call_waiting: bool = True
    lines: int = 1
    activity: str = "Available"
    activity_until: float | None = None
    note: str = ""
    available: bool = True


@dataclass(slots=True)
class QueueSettings:
    """`overflow`: the number where a caller goes who waited `max_wait_s`; without one the call ends."""

    agent_ring_s: float = 15.0
    wrap_up_s: float = 0.0
    max_wait_s: float = 300.0
    overflow: str | None = None
    service_level_s: float = 20.0


class AgentState(StrEnum):
    """What the agent says of themselves; whether they talk is known by their calls."""

    LOGGED_OUT = "logged_out"
    READY = "ready"
    PAUSED = "paused"
    WRAP_UP = "wrap_up"


@dataclass(slots=True, eq=False)
class Agent:
    """One extension's place in one queue; `call_id` is the queue's call they are on.

    Whose turn it is: the best `skill` (1) first, among equals the longest idle.
    """

    extension_id: str
    state: AgentState = AgentState.LOGGED_OUT
    since: float = 0.0
    idle_since: float = 0.0
    pause_code: str | None = None
    call_id: str | None = None
    answered: int = 0
    skill: int = USUAL_SKILL


class Outcome(StrEnum):
    """How a wait in a queue ended. `diverted`: somebody sent the call elsewhere."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    DIVERTED = "diverted"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody waited in a queue, and why no longer."""

    call_id: str
    ended_at: float
    waited_s: float
    outcome: Outcome
    agent_id: str | None = None


@dataclass(slots=True)
class Queue:
    """`waiting`: the ids of its calls, first come first; `visits`: those that no longer wait."""

    agents: dict[str, Agent] = field(default_factory=dict)
    settings: QueueSettings = field(default_factory=QueueSettings)
    waiting: list[str] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)

    def position(self, call_id: str) -> int:
        """1 is next. Raises ValueError for a call that doesn't wait here."""
        return self.waiting.index(call_id) + 1


@dataclass(slots=True, eq=False)
class Extension:
    """A user's line, a dialplan that rings its members' lines, or a queue. Numbers are digits only, external ones E.164."""

    id: str
    number: str
    name: str
    external_number: str | None = None
    members: tuple[str, ...] = ()
    caller_ids: tuple[CallerId, ...] = ()
    caller_id: str | None = None
    devices: tuple[Device, ...] = ()
    settings: LineSettings = field(default_factory=LineSettings)
    queue: Queue | None = None

    @property
    def is_dialplan(self) -> bool:
        """Rings others: a ring group, or a queue."""
        return bool(self.members) or self.queue is not None

    @property
    def is_user(self) -> bool:
        return not self.is_dialplan

    @property
    def shown_number(self) -> str | None:
        """The external number that those it calls see."""
        return next((each.number for each in self.caller_ids if each.id == self.caller_id), None)

    @property
    def online(self) -> list[Device]:
        return [each for each in self.devices if each.online]


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
