"""What is known of a call: the set of its vendor events.

The call itself is always folded from all of them (cti.calls.machine), so that late, duplicate and reordered events end
in the same call, whatever way they came.
"""

from bisect import insort_right
from datetime import datetime

import msgspec
from msgspec import Struct

from integrations.contract.events import CtiEvent, EndReason, EventType, Party

_RANK = {kind: rank for rank, kind in enumerate(EventType)}
_RANK[EventType.RETRIEVED] = _RANK[EventType.HELD]
_RANK[EventType.RECORDING_STOPPED] = _RANK[EventType.RECORDING_STARTED]


class Request(Struct, frozen=True, omit_defaults=True):
    """A call that somebody placed through Patchbay, before the PBX tells of it."""

    from_: Party
    to: Party
    requested_at: datetime
    external_id: str = ""
    vendor_call_id: str | None = None
    """Where the vendor told it when it accepted the call."""


class Closed(Struct, frozen=True):
    """We gave the call up: the PBX no longer has it, or never began it."""

    at: datetime
    reason: EndReason


class CallFacts(Struct, omit_defaults=True, gc=False):
    """Everything that a call is folded from. `events` are in canonical order."""

    events: list[CtiEvent] = []
    request: Request | None = None
    closed: Closed | None = None
    consultations: list[str] = []
    """Calls of the vendor's that somebody on this call placed, to ask."""
    asking: Request | None = None
    """A consultation that is being asked of the vendor: its events may be faster than the vendor's answer."""

    def knows(self, identity: str) -> bool:
        return any(event.identity == identity for event in self.events)

    def add(self, event: CtiEvent) -> bool:
        """Puts the event in its place; False if it was there already."""
        if self.knows(event.identity):
            return False
        insort_right(self.events, event, key=canonical_order)
        return True

    def vendor_call_ids(self) -> set[str]:
        """Every vendor call that is a part of this call, and every other name of it."""
        return {name for event in self.events for name in event.names}.union(self.consultations)

    def encode(self) -> bytes:
        return _encoder.encode(self)


def canonical_order(event: CtiEvent) -> tuple[datetime, int, int]:
    """By the vendor's time; at the same instant by its numbering, or what must have come first; else as they arrived."""
    return event.occurred_at, _RANK[event.type], event.order or 0


def decode_facts(stored: str | bytes) -> CallFacts:
    """The facts as `CallFacts.encode` wrote them."""
    return _decoder.decode(stored)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(CallFacts)
