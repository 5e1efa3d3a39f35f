"""What outlives a call: recordings, voicemail messages, the call log; and messages and contacts. Plain data."""

from dataclasses import dataclass
from enum import StrEnum

from sandbox.engine.directory import Party


class RecordingState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    STORED = "stored"
    DISCARDED = "discarded"


@dataclass(slots=True, eq=False)
class Recording:
    """Of a call, by an extension or by the PBX itself (None). `seconds` counts what was recorded, pauses left out.

    `saved`: somebody chose to keep it; `resumed_at`: since when it counts.
    """

    id: str
    call_id: str
    by: str | None
    started_at: float
    resumed_at: float
    state: RecordingState = RecordingState.ACTIVE
    seconds: float = 0.0
    saved: bool = False

    @property
    def is_running(self) -> bool:
        return self.state in (RecordingState.ACTIVE, RecordingState.PAUSED)

    def stop_counting(self, state: RecordingState, now: float) -> None:
        """Paused, stored or discarded from now on."""
        if self.state is RecordingState.ACTIVE:
            self.seconds += now - self.resumed_at
        self.state = state


@dataclass(slots=True, eq=False)
class VoiceMessage:
    """Left for an extension; `seconds` is known when the caller has hung up."""

    id: str
    call_id: str
    extension_id: str
    caller: Party
    at: float
    seconds: float = 0.0
    seen: bool = False
    played: bool = False


class LogDirection(StrEnum):
    """As this user sees it: a call between colleagues is outgoing for one, incoming for the other."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


@dataclass(slots=True, eq=False)
class LogEntry:
    """An ended call as one extension saw it. `id` counts up; `missed`: it rang here, and nobody answered it anywhere."""

    id: int
    call_id: str
    extension_id: str
    direction: LogDirection
    remote: Party
    started_at: float
    answered_at: float | None
    ended_at: float
    cause: str
    missed: bool
    via: Party | None = None
    recording_ids: tuple[str, ...] = ()
    voicemail_id: str | None = None
    seen: bool = False
    deleted_at: float | None = None

    @property
    def talk_s(self) -> float:
        return self.ended_at - self.answered_at if self.answered_at is not None else 0.0


@dataclass(frozen=True, slots=True)
class Message:
    """A text message to a number outside."""

    id: str
    sender_id: str | None
    to: str
    text: str
    at: float


@dataclass(slots=True)
class Contact:
    """Somebody in the company's or, with an owner, in one extension's address book. `mark`: a vendor's own word for them."""

    id: str
    name: str
    numbers: tuple[str, ...]
    owner_id: str | None = None
    organisation: str = ""
    mark: str = ""
