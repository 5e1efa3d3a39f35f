"""What to tell the world when a call went from one state to the next: the contract's events, in their order. Pure."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from msgspec import Struct

from cti.calls.state import ALERTING, QUEUED, CallState, Leg, TransferTold
from cti.calls.view import leg_id, party
from integrations.contract.events import CtiEvent, EndReason, EventType, Recording


class Change(Struct, frozen=True, gc=False):
    """An event to be logged: its type and what its `data.change` says."""

    type: str
    change: dict[str, Any]


def changes(
    call_id: UUID, before: CallState | None, after: CallState, cause: CtiEvent | None, joined: Iterable[str] = ()
) -> list[Change]:
    """The events of one step; `joined` are the vendor's calls that turned out to be one.

    A call that was over stays silent: nothing follows `call.cleared`.
    """
    if before is not None and before.ended_at is not None:
        return []
    out = [Change("call.originated", {})] if before is None else []
    previous = before or CallState()
    if previous.parked is not None and after.parked is None and after.ended_at is None:
        out.append(Change("call.unparked", {}))
    out += _transfers(previous, after, "blind")
    out += _held(previous, after, was_answered=True)  # whoever rings as well is asked while the other is on hold
    out += _legs(call_id, previous, after)
    out += _held(previous, after, was_answered=False)
    if joined := _bridged(cause) or tuple(joined):
        out.append(Change("call.bridged", {"vendor_call_ids": list(joined)}))
    out += _transfers(previous, after, "attended")
    out += _conference(call_id, previous, after)
    out += _call(call_id, previous, after)
    if after.ended_at is not None:
        reason = after.end_reason or EndReason.HANGUP
        if reason is EndReason.FAILED:
            out.append(Change("call.failed", {"reason": reason.value}))
        out.append(Change("call.cleared", {"reason": reason.value}))
    return out


def _held(before: CallState, after: CallState, *, was_answered: bool) -> list[Change]:
    begins = after.held and not before.held and after.ended_at is None
    return [Change("call.held", {})] if begins and (before.answered_at is not None) is was_answered else []


def _legs(call_id: UUID, before: CallState, after: CallState) -> list[Change]:
    diverted, queued, delivered, established = [], [], [], []
    for key, leg in after.legs.items():
        old, change = before.legs.get(key), {"leg_id": leg_id(call_id, key)}
        if leg.role in ("caller", "supervisor"):
            continue
        if leg.answered_at and not (old and old.answered_at):
            established.append(Change("call.established", change))
        elif leg.state in (ALERTING, QUEUED) and not (old and old.state == leg.state):
            if leg.state == QUEUED:
                queued.append(Change("call.queued", change))
            else:
                delivered.append(Change("call.delivered", change))
        elif old and old.state == ALERTING and leg.end_reason is EndReason.TRANSFERRED and not leg.answered_at:
            diverted.append(Change("call.diverted", change))
    return diverted + queued + delivered + established


def _bridged(cause: CtiEvent | None) -> tuple[str, ...]:
    if cause is None or cause.type is not EventType.BRIDGED:
        return ()
    return tuple(strand.vendor_call_id for strand in cause.strands)


def _transfers(before: CallState, after: CallState, mode: str) -> list[Change]:
    return [
        Change("call.transferred", _transfer(told))
        for identity, told in after.transfers.items()
        if identity not in before.transfers and told.mode == mode
    ]


def _transfer(told: TransferTold) -> dict[str, Any]:
    return {
        "before": {"from": party(told.before_from), "to": party(told.before_to)},
        "after": {"from": party(told.after_from), "to": party(told.after_to)},
        "initiator": party(told.initiator) if told.initiator else None,
        "mode": told.mode,
    }


def _conference(call_id: UUID, before: CallState, after: CallState) -> list[Change]:
    """Who came and went, once a call is a conference, and supervisors at any time."""
    out = []
    if after.conference and not before.conference:
        talking = [leg_id(call_id, key) for key, leg in after.legs.items() if leg.live]
        return [Change("call.conferenced", {"leg_ids": talking})]
    for key, leg in after.legs.items():
        old, supervises = before.legs.get(key), leg.role == "supervisor"
        was_there = old is not None and old.live and (old.role == leg.role or not supervises)
        if not (before.conference or supervises) or leg.live == was_there:
            continue
        if leg.live or after.ended_at is None:
            kind = "call.party_joined" if leg.live else "call.party_left"
            out.append(Change(kind, {"leg_id": leg_id(call_id, key), "role": leg.role}))
    return out


def _call(call_id: UUID, before: CallState, after: CallState) -> list[Change]:
    out = []
    if after.ended_at is None:
        if after.parked is not None and before.parked is None:
            out.append(_parked(call_id, after, after.parked))
        if before.held and not after.held:
            out.append(Change("call.retrieved", {}))
        for key, leg in after.legs.items():
            old = before.legs.get(key)
            if leg.live and leg.muted != bool(old and old.muted):
                kind = "call.muted" if leg.muted else "call.unmuted"
                out.append(Change(kind, {"leg_id": leg_id(call_id, key)}))
    told = (after.recording, after.recording_saved)
    if after.ended_at is not None and before.recording is not Recording.ON:
        told = (before.recording, after.recording_saved)  # that a pause ends with its call goes without saying
    if told != (before.recording, before.recording_saved):
        shown = {"state": after.recording.value, "saved": after.recording_saved}
        out.append(Change("call.recording_changed", {"recording": shown}))
    if after.tags != before.tags:
        out.append(Change("call.tagged", {"tags": list(after.tags)}))
    return out


def _parked(call_id: UUID, after: CallState, parked: Leg) -> Change:
    key = next(key for key, leg in after.legs.items() if leg is parked)
    return Change("call.parked", {"leg_id": leg_id(call_id, key), "parked_at": parked.parked_at})
