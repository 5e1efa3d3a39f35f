"""A folded call as the API shows it (the contract's "A call"), and which of our extensions take part."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from uuid import UUID

from common.ids import public_id
from common.times import rfc3339, rfc3339_or_none
from cti.calls.directory import NOBODY, Person
from cti.calls.facts import CallFacts
from cti.calls.state import PARKED, QUEUED, CallState, Leg
from integrations.contract.events import Direction

Actions = Callable[[Mapping[str, Any]], list[str]]
"""From a call as the API shows it to what can be done to it now, on this account."""


def snapshot(
    *,
    call_id: UUID,
    account_id: UUID,
    vendor: str,
    facts: CallFacts,
    call: CallState,
    actions: Actions,
) -> dict[str, Any]:
    """The call's public JSON, but for `version`, which is counted where it is stored."""
    direction = call.direction
    vendor_call_id = call.primary or (facts.request.vendor_call_id if facts.request else None)
    parked = call.parked
    missed = direction is Direction.INBOUND and call.ended_at is not None and call.answered_at is None
    shown: dict[str, Any] = {
        "id": public_id("call", call_id),
        "account_id": public_id("acc", account_id),
        "vendor": vendor,
        "vendor_call_id": vendor_call_id,
        "external_id": facts.request.external_id or None if facts.request else None,
        "direction": direction.value,
        "state": call.state,
        "version": 0,
        "from": party(call.people.get(call.caller, NOBODY)),
        "to": party(call.people.get(call.callee, NOBODY)),
        "via": party(call.via) if call.via else None,
        "queue_id": _queue_id(call),
        "legs": [_leg(call_id, key, leg) for key, leg in call.legs.items()],
        "recording": {"state": call.recording.value, "saved": call.recording_saved},
        "tags": list(call.tags),
        "parked_at": parked.parked_at if parked else None,
        "conference": call.conference and call.ended_at is None,
        "muted": any(leg.muted for leg in call.legs.values()),
        "started_at": rfc3339(_began(facts, call)),
        "answered_at": rfc3339_or_none(call.answered_at),
        "ended_at": rfc3339_or_none(call.ended_at),
        "end_reason": call.end_reason.value if call.end_reason else None,
        "missed": missed,
        "contact": None,
        "actions": [],
    }
    if vendor_call_id:
        shown["actions"] = actions(shown)
    return shown


def _began(facts: CallFacts, call: CallState) -> datetime:
    """When the vendor first had it; before that, when it was asked for."""
    if call.strands:
        return min(strand.started_at for strand in call.strands.values())
    return facts.request.requested_at if facts.request else facts.events[0].occurred_at


def _queue_id(call: CallState) -> str | None:
    queue = call.people.get(call.queue or "", NOBODY)
    return public_id("que", queue.queue_id) if queue.queue_id else None


def extensions_of(call: CallState) -> list[UUID]:
    """Our extensions that are, or were, a party: who may see the call."""
    return [leg.person.extension_id for leg in call.legs.values() if leg.person.extension_id is not None]


def party(person: Person) -> dict[str, Any]:
    """A party as the API shows it."""
    return {
        "number": person.number,
        "number_raw": person.number_raw,
        "name": person.name,
        "extension_id": public_id("ext", person.extension_id) if person.extension_id else None,
        "anonymous": person.anonymous,
    }


@lru_cache(maxsize=8192)
def leg_id(call_id: UUID, key: str) -> str:
    """Stable however often the call is folded again."""
    return public_id("leg", UUID(bytes=blake2b(key.encode(), key=call_id.bytes, digest_size=16).digest()))


def _leg(call_id: UUID, key: str, leg: Leg) -> dict[str, Any]:
    return {
        "id": leg_id(call_id, key),
        "vendor_leg_id": leg.vendor_leg_id or min(leg.strands, default=None),
        "extension_id": public_id("ext", leg.person.extension_id) if leg.person.extension_id else None,
        "device_id": leg.device_id,
        "number": leg.person.number,
        "name": leg.person.name,
        "role": leg.role,
        "state": QUEUED if leg.state is PARKED else leg.state,  # CSTA's word for who waits in an orbit, and the API's
        "muted": leg.muted,
        "joined_at": rfc3339(leg.joined_at),
        "left_at": rfc3339_or_none(leg.left_at),
        "end_reason": leg.end_reason.value if leg.end_reason else None,
    }
