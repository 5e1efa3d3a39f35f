"""What adapters make of vendor events: one vocabulary (CSTA's), whatever the PBX. Pure data.

Vendors tell of calls in two ways. Some say what happened (`ringing`, `answered`, …): an event of that type. Others show how
a call stands: OBSERVED, with its legs; what happened follows from what was known before.

What comes by the thousand holds no reference cycles: with `gc=False` the garbage collector doesn't look for any in it.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

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
    OBSERVED = "observed"
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


class LegState(StrEnum):
    """CSTA's connection states, as the API names them, and `parked` for one that waits in an orbit."""

    INITIATED = "initiated"
    ALERTING = "alerting"
    CONNECTED = "connected"
    HOLD = "hold"
    """This party has put the others on hold."""
    QUEUED = "queued"
    PARKED = "parked"
    FAIL = "fail"
    NULL = "null"


class Party(Struct, frozen=True, omit_defaults=True, gc=False):
    """Somebody on a call, as the vendor names them: any part may be missing."""

    extension_id: str | None = None
    """The vendor's own id of one of its extensions."""
    number: str | None = None
    """As the vendor sent it."""
    name: str | None = None
    """Untrusted text from the network."""
    anonymous: bool = False


class Transfer(Struct, frozen=True, omit_defaults=True, gc=False):
    """Who talked to whom before and after a transfer, who did it, and how."""

    before_from: Party
    before_to: Party
    after_from: Party
    after_to: Party
    initiator: Party | None = None
    mode: str = "blind"
    """`blind` or `attended`."""


class Strand(Struct, frozen=True, omit_defaults=True, gc=False):
    """One of the vendor's calls in an event that names several."""

    vendor_call_id: str
    from_: Party | None = None
    to: Party | None = None
    direction: Direction | None = None


class LegView(Struct, frozen=True, omit_defaults=True, gc=False):
    """A connection as the vendor shows it at one moment."""

    vendor_leg_id: str
    """Stable, and unique within the vendor's call. Where the vendor names none, made from whose leg it is."""
    party: Party
    state: LegState
    role: str = "participant"
    """`caller`, `callee`, `participant` or `supervisor`."""
    muted: bool = False
    device_id: str | None = None
    reason: EndReason | None = None
    """Why it is `null` or failed. TRANSFERRED: another leg goes on with the conversation in its stead."""
    transfer: str = "blind"
    """How, where the reason is TRANSFERRED: `blind` or `attended`."""
    parked_at: str | None = None
    """The orbit or slot, where it is parked."""
    inferred: bool = False
    """Told from another party's point of view: what the vendor says of this leg itself outweighs it."""
    order: int | None = None
    """As the event's, of this leg alone; it outweighs that one."""


class Recording(StrEnum):
    """A call's recording. `saved` and `discarded` are told of one that is off again."""

    OFF = "off"
    ON = "on"
    PAUSED = "paused"


class CtiEvent(Struct, frozen=True, omit_defaults=True, gc=False):
    """One thing that happened, or how a call stands, as the vendor told it."""

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
    order: int | None = None
    """The vendor's own numbering of what it tells of this call, where it has one; it outweighs `occurred_at`."""
    legs: tuple[LegView, ...] = ()
    """For OBSERVED."""
    complete: bool = False
    """For OBSERVED: whether a leg that isn't among `legs` has ended; else it is as it was."""
    hands_over: bool = False
    """For OBSERVED: whether an agent who leaves a conversation that goes on has handed it over, unless a reason is told."""
    in_passing: bool = False
    """For OBSERVED: hinted at by a vendor that also shows its calls whole (`complete`). Once it has, a hint brings nobody new
    into a conversation: whether they are asked, or take over, is shown with the next whole view."""
    peers: tuple[str, ...] = ()
    """For OBSERVED: other names of the same conversation: of the calls that are a transfer's or a park's other half, or a
    name that the vendor gives to all calls of one conversation (a correlation id)."""
    conference: bool | None = None
    recording: Recording | None = None
    recording_saved: bool | None = None
    recording_id: str | None = None
    tags: tuple[str, ...] | None = None
    """For OBSERVED: None is what the vendor doesn't tell."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that it gives to the conversation: of the vendor's calls, and others that go with them."""
        own = tuple(strand.vendor_call_id for strand in self.strands)
        if not own and self.vendor_call_id is not None:
            own = (self.vendor_call_id,)
        return (*own, *self.peers)


class NoticeType(StrEnum):
    """What else is told; the API's event types."""

    PRESENCE = "presence.changed"
    LINE_STATE = "line_state.changed"
    AGENT = "agent.state_changed"
    QUEUE = "queue.updated"
    VOICEMAIL = "voicemail.received"
    MESSAGE = "message.received"


class Notice(Struct, frozen=True):
    """Something that isn't about a call."""

    identity: str
    type: NoticeType
    occurred_at: datetime
    data: Mapping[str, Any]
    """What is shown beside the extension's and queue's ids: of `contract.things` what fits, as plain JSON.

    AGENT: the fields of QueueAgent but for its id, with both ids below. QUEUE: `stats`, with the fields of QueueStats.
    """
    vendor_extension_id: str | None = None
    vendor_queue_id: str | None = None


class Reconcile(Struct, frozen=True):
    """Beside what was told, or instead of it: an extension's calls have changed, and `PbxAdapter.read_calls` tells how."""

    extension_id: str
    over: tuple[str, ...] = ()
    """The vendor's ids of calls that are over for it. The conversation may go on as another call, which is shown in a moment."""


class Ignored(Struct, frozen=True):
    """A payload that is known and means nothing to us."""

    why: str
