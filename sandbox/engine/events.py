"""What the engine tells its listeners."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict

from sandbox.engine.directory import Device, Extension, Party
from sandbox.engine.model import Call, Cause, Leg, Parties
from sandbox.engine.stored import Recording, VoiceMessage


class Kind(StrEnum):
    """`originated`: the caller's own phone was picked up. `cleared`: one leg ended and the call goes on.

    `bridged` comes before the `transferred` of an attended transfer.
    """

    CREATED = "created"
    ORIGINATED = "originated"
    ALERTING = "alerting"
    QUEUED = "queued"
    ANSWERED = "answered"
    HELD = "held"
    RETRIEVED = "retrieved"
    MUTED = "muted"
    UNMUTED = "unmuted"
    DIGITS = "digits"
    IGNORED = "ignored"
    DIVERTED = "diverted"
    MOVED = "moved"
    VOICEMAIL = "voicemail"
    PARKED = "parked"
    UNPARKED = "unparked"
    RECORDING_STARTED = "recording_started"
    RECORDING_PAUSED = "recording_paused"
    RECORDING_RESUMED = "recording_resumed"
    RECORDING_STOPPED = "recording_stopped"
    RECORDING_SAVED = "recording_saved"
    BRIDGED = "bridged"
    TRANSFERRED = "transferred"
    CONFERENCED = "conferenced"
    SUPERVISED = "supervised"
    CLEARED = "cleared"
    ENDED = "ended"


class TransferMode(StrEnum):
    """`camp_on` waits until the target is free; `bypass` rings whatever the target's diversions and do-not-disturb say."""

    BLIND = "blind"
    VOICEMAIL = "voicemail"
    CAMP_ON = "camp_on"
    BYPASS = "bypass"


@dataclass(frozen=True, slots=True)
class Transfer:
    """How a transfer changed a call."""

    before: Parties
    after: Parties
    initiator: Party
    attended: bool
    mode: TransferMode = TransferMode.BLIND


@dataclass(frozen=True, slots=True)
class EngineEvent:
    """Something that happened to a call, with who was on it then. Listeners are called in order, at once.

    `leg`: whose state changed, or who did it; `device`: on which phone; `target`: where a diverted call goes next;
    `consultation`: the other call of a transfer or a conference; `digits`, `recording`: of the events about those.
    """

    kind: Kind
    call: Call
    at: float
    parties: Parties
    leg: Leg | None = None
    device: Device | None = None
    cause: Cause | None = None
    transfer: Transfer | None = None
    consultation: Call | None = None
    target: Party | None = None
    recording: Recording | None = None
    digits: str | None = None

    @property
    def involved(self) -> tuple[Parties, ...]:
        """Everybody whom it concerns: those before and after a transfer, those of both bridged calls."""
        if self.transfer is not None:
            return (self.transfer.before, self.transfer.after)
        if self.consultation is not None:
            return (self.parties, self.consultation.parties)
        return (self.parties,)


class CallDetails(TypedDict, total=False):
    """The fields of EngineEvent that only some kinds have."""

    device: Device | None
    cause: Cause | None
    transfer: Transfer
    consultation: Call
    target: Party
    recording: Recording
    digits: str


class LineKind(StrEnum):
    """`settings`: diversion, do-not-disturb, presence; `device`: a phone came or went; `agent`: in one of their queues."""

    SETTINGS = "settings"
    DEVICE = "device"
    AGENT = "agent"
    VOICEMAIL_STORED = "voicemail_stored"


@dataclass(frozen=True, slots=True)
class LineEvent:
    """Something that happened to an extension and not to one call. `queue` is the queue's extension."""

    kind: LineKind
    extension: Extension
    at: float
    device: Device | None = None
    queue: Extension | None = None
    message: VoiceMessage | None = None


class LineDetails(TypedDict, total=False):
    """The fields of LineEvent that only some kinds have."""

    device: Device
    queue: Extension
    message: VoiceMessage
