"""What adapters make of vendor events: one vocabulary (CSTA's), whatever the PBX. Pure data."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class EventType(StrEnum):
    """What happened to a call or to one of its connections."""

    ORIGINATED = "originated"
    DELIVERED = "delivered"
    ESTABLISHED = "established"
    HELD = "held"
    RETRIEVED = "retrieved"
    RECORDING_STARTED = "recording_started"
    RECORDING_STOPPED = "recording_stopped"
    TRANSFERRED = "transferred"
    BRIDGED = "bridged"
    CLEARED = "cleared"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class EndReason(StrEnum):
    """Why a call, or a connection, ended."""

    HANGUP = "hangup"
    CANCELLED = "cancelled"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    TRANSFERRED = "transferred"
    VOICEMAIL = "voicemail"
    FAILED = "failed"
    LOST = "lost"


class Party(Struct, frozen=True, omit_defaults=True):
    """Somebody on a call, as the vendor names them: any part may be missing."""

    extension_id: str | None = None
    """The vendor's own id of one of its extensions."""
    number: str | None = None
    """As the vendor sent it."""
    name: str | None = None
    """Untrusted text from the network."""
    anonymous: bool = False


class Transfer(Struct, frozen=True, omit_defaults=True):
    """Who talked to whom before and after a transfer, who did it, and how."""

    before_from: Party
    before_to: Party
    after_from: Party
    after_to: Party
    initiator: Party | None = None
    mode: str = "blind"
    """`blind` or `attended`."""


class Strand(Struct, frozen=True, omit_defaults=True):
    """One of the vendor's calls in an event that names several."""

    vendor_call_id: str
    from_: Party | None = None
    to: Party | None = None
    direction: Direction | None = None


class CtiEvent(Struct, frozen=True, omit_defaults=True):
    """One thing that happened, as the vendor told it."""

    identity: str
    """Unique within the account: it makes duplicates harmless."""
    type: EventType
    occurred_at: datetime
    vendor_call_id: str | None = None
    """None only where the vendor left it out: such an event is matched by its parties, and never makes a call."""
    direction: Direction | None = None
    from_: Party | None = None
    to: Party | None = None
    via: Party | None = None
    reason: EndReason | None = None
    transfer: Transfer | None = None
    strands: tuple[Strand, ...] = ()
    """For BRIDGED: the vendor's calls that were joined into one conversation."""


class Ignored(Struct, frozen=True):
    """A payload that is known and means nothing to us."""

    why: str
